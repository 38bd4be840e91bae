// Pictures the right way up. Browsers turn JPEG and PNG as EXIF says; of WebP some do, and some do not.

// The values as they are in the file: a colour profile is not applied in Python either.
const AS_STORED = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
const ORIENTATION = 0x0112;
const SHORT = 3;
// What stands in place of EXIF, so that no browser turns the picture as well.
const NOTHING = "NONE";
// More chunks than a picture has that does not move.
const MOST_CHUNKS = 100;
// What a stored place becomes, by width and height, as `setTransform` takes it.
const TURNS = {
  2: (width) => [-1, 0, 0, 1, width, 0],
  3: (width, height) => [-1, 0, 0, -1, width, height],
  4: (width, height) => [1, 0, 0, -1, 0, height],
  5: () => [0, 1, 1, 0, 0, 0],
  6: (width, height) => [0, 1, -1, 0, height, 0],
  7: (width, height) => [0, -1, -1, 0, height, width],
  8: (width) => [0, -1, 1, 0, 0, width],
};

/**
 * A picture file decoded, upright.
 * @param {Blob} blob
 * @returns {Promise<{bitmap: ImageBitmap, turned: boolean}>} and whether it was turned here, and not by the browser.
 */
export async function decodeUpright(blob) {
  const found = await exifOfWebP(blob);
  const turn = found && TURNS[orientation(found.exif)];
  if (!turn) return { bitmap: await createImageBitmap(blob, AS_STORED), turned: false };
  const plain = new Blob([blob.slice(0, found.at), NOTHING, blob.slice(found.at + 4)]);
  const stored = await createImageBitmap(plain, AS_STORED);
  const { width, height } = stored;
  const numbers = turn(width, height);
  const [across, down] = numbers[0] ? [width, height] : [height, width];
  const canvas = new OffscreenCanvas(across, down);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.setTransform(...numbers);
  context.drawImage(stored, 0, 0);
  stored.close();
  return { bitmap: canvas.transferToImageBitmap(), turned: true };
}

/** Where the EXIF of a WebP file is, and its bytes; null if there is none, or the file is of another kind. */
async function exifOfWebP(blob) {
  const start = await bytes(blob, 0, 12);
  if (text(start, 0) !== "RIFF" || text(start, 8) !== "WEBP") return null;
  for (let at = 12, count = 0; count < MOST_CHUNKS && at + 8 <= blob.size; count++) {
    const chunk = await bytes(blob, at, 8);
    const size = chunk.getUint32(4, true);
    if (text(chunk, 0) === "EXIF") return { at, exif: await bytes(blob, at + 8, size) };
    at += 8 + size + (size % 2);
  }
  return null;
}

/** The orientation that EXIF states, 1 if it states none. */
function orientation(exif) {
  try {
    // Some write the mark that EXIF has in JPEG files.
    const start = text(exif, 0) === "Exif" ? 6 : 0;
    const little = text(exif, start).startsWith("II");
    const first = start + exif.getUint32(start + 4, little);
    for (let entry = 0; entry < exif.getUint16(first, little); entry++) {
      const at = first + 2 + 12 * entry;
      const named = exif.getUint16(at, little) === ORIENTATION;
      if (named && exif.getUint16(at + 2, little) === SHORT) return exif.getUint16(at + 8, little);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // it ends too early
  }
  return 1;
}

async function bytes(blob, at, count) {
  return new DataView(await blob.slice(at, at + count).arrayBuffer());
}

function text(view, at) {
  const end = Math.min(at + 4, view.byteLength);
  let found = "";
  for (let place = at; place < end; place++) found += String.fromCharCode(view.getUint8(place));
  return found;
}
