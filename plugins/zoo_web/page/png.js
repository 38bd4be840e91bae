// Writes PNG files: a canvas can write 8-bit colours with transparency alone.

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/**
 * A PNG file of grey or colours.
 * @param {Uint8Array | Uint8ClampedArray | Uint16Array} values of the pixels, row by row, channels last.
 * @param {number} width
 * @param {number} height
 * @param {1 | 3} channels
 * @returns {Promise<Blob>}
 */
export async function encodePng(values, width, height, channels) {
  const deep = values.BYTES_PER_ELEMENT === 2;
  const step = channels * (deep ? 2 : 1);
  const stream = new CompressionStream("deflate");
  const packed = new Response(stream.readable).arrayBuffer();
  const writer = stream.writable.getWriter();
  // A row at a time: a large picture is never there a second time. Writing fails only where reading does.
  for (let row = 0; row < height; row++) {
    const line = values.subarray(row * width * channels, (row + 1) * width * channels);
    await writer.write(filtered(deep ? bigEndian(line) : line, step));
  }
  await writer.close();

  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, deep ? 16 : 8);
  header.setUint8(9, channels === 3 ? 2 : 0);
  return new Blob(
    [
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
      chunk("IHDR", new Uint8Array(header.buffer)),
      chunk("IDAT", new Uint8Array(await packed)),
      chunk("IEND", new Uint8Array(0)),
    ],
    { type: "image/png" },
  );
}

/** A PNG file of 8-bit colours of what a canvas shows. */
export function encodeImageData({ data, width, height }) {
  const values = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    values[to] = data[from];
    values[to + 1] = data[from + 1];
    values[to + 2] = data[from + 2];
  }
  return encodePng(values, width, height, 3);
}

/** A row as differences from the pixel to the left, which deflate packs better. */
function filtered(line, step) {
  const row = new Uint8Array(line.length + 1);
  row[0] = 1;
  for (let index = 0; index < line.length; index++) {
    row[index + 1] = line[index] - (index < step ? 0 : line[index - step]);
  }
  return row;
}

function bigEndian(line) {
  const bytes = new DataView(new ArrayBuffer(2 * line.length));
  line.forEach((value, index) => bytes.setUint16(2 * index, value));
  return new Uint8Array(bytes.buffer);
}

function chunk(name, content) {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set([...name].map((letter) => letter.charCodeAt(0)), 4);
  bytes.set(content, 8);
  let sum = 0xffffffff;
  for (const byte of bytes.subarray(4, content.length + 8)) {
    sum = TABLE[(sum ^ byte) & 255] ^ (sum >>> 8);
  }
  view.setUint32(content.length + 8, (sum ^ 0xffffffff) >>> 0);
  return bytes;
}
