// Translates a picture of any size with a network of one size, as zoo/translation/translator.py does.

import { UserError } from "./errors.js";
import { previewFormat, sourceFormat, targetFormat } from "./formats.js";
import { decodeUpright } from "./orientation.js";
import { encodePng } from "./png.js";
import { mirrored, tiledAxis } from "./tiling.js";

/**
 * @param {Blob} blob a picture file.
 * @param {object} info as translator.js has it, and `overlap` and `alignment` of the tiles.
 * @param {(tile: Float32Array) => Promise<{values: Float32Array, channels: number}>} network paints one tile.
 * @param {(share: number, tiles: number) => Promise<void>} step called before each tile; may throw to stop.
 * @returns {Promise<{result: Blob, preview: Blob | null}>} a PNG file, and another one to look at where its values are not
 *   those that a screen shows.
 */
export async function translateTiled(blob, info, network, step) {
  const [tall, wide] = info.size;
  const bitmap = await decoded(blob);
  try {
    const { width, height } = bitmap;
    const rows = tiledAxis(height, tall, info.overlap, info.alignment);
    const columns = tiledAxis(width, wide, info.overlap, info.alignment);
    const read = reader(bitmap, rows, columns, info);
    const tiles = rows.starts.length * columns.starts.length;

    let outputs = [];
    let band = null;
    for (let down = 0; down < rows.starts.length; down++) {
      const top = rows.starts[down];
      const source = read.rows(top);
      for (let across = 0; across < columns.starts.length; across++) {
        await step((down * columns.starts.length + across) / tiles, tiles);
        const { values, channels } = await network(read.tile(source, columns.starts[across]));
        if (!band) {
          band = new Float32Array(tall * columns.length * channels);
          outputs = [targetFormat(info.target, channels), previewFormat(info.target, channels)]
            .filter(Boolean)
            .map((format) => ({ format, pixels: format.make(width * height * format.channels) }));
        }
        add(band, values, columns.length, channels, {
          left: columns.starts[across],
          down: rows.weights[down],
          across: columns.weights[across],
        });
      }
      // The rows below that no later tile reaches are finished.
      const below = rows.starts[down + 1] ?? rows.length;
      const channels = band.length / (tall * columns.length);
      for (let row = top; row < below; row++) {
        const there = row - rows.before;
        if (there < 0 || there >= height) continue;
        for (const { format, pixels } of outputs) {
          for (let column = 0; column < width; column++) {
            const from = ((row - top) * columns.length + columns.before + column) * channels;
            format.write(band, from, pixels, (there * width + column) * format.channels);
          }
        }
      }
      const done = (below - top) * columns.length * channels;
      band.copyWithin(0, done);
      band.fill(0, band.length - done);
    }
    const [result, preview = null] = await Promise.all(
      outputs.map(({ format, pixels }) => encodePng(pixels, width, height, format.channels)),
    );
    return { result, preview };
  } finally {
    bitmap.close();
  }
}

async function decoded(blob) {
  try {
    return (await decodeUpright(blob)).bitmap;
  } catch {
    throw new UserError("This file cannot be read as a picture. Browsers read PNG, JPEG, WebP and GIF.");
  }
}

/** What cuts tiles out of a picture that is continued by its mirror image where it is too small. */
function reader(bitmap, rows, columns, { size: [tall, wide], source }) {
  const { width, height } = bitmap;
  const format = sourceFormat(source);
  const canvas = new OffscreenCanvas(width, Math.min(height, tall));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  const inColumns = Int32Array.from({ length: columns.length }, (_, column) =>
    mirrored(column - columns.before, width),
  );

  return {
    /** A band of the picture, as the network sees it: tall × width × depth. */
    rows(top) {
      const places = Array.from({ length: tall }, (_, row) =>
        mirrored(top + row - rows.before, height),
      );
      const first = Math.min(...places);
      const count = Math.max(...places) - first + 1;
      context.fillStyle = "#fff"; // what is transparent lies on white
      context.fillRect(0, 0, width, count);
      context.drawImage(bitmap, 0, first, width, count, 0, 0, width, count);
      const { data } = context.getImageData(0, 0, width, count);
      const values = new Float32Array(tall * width * format.depth);
      places.forEach((place, row) => {
        for (let column = 0; column < width; column++) {
          const from = 4 * ((place - first) * width + column);
          format.read(data, from, values, (row * width + column) * format.depth);
        }
      });
      return values;
    },
    tile(values, left) {
      const { depth } = format;
      const tile = new Float32Array(tall * wide * depth);
      let at = 0;
      for (let row = 0; row < tall; row++) {
        for (let column = left; column < left + wide; column++) {
          const from = (row * width + inColumns[column]) * depth;
          for (let part = 0; part < depth; part++) tile[at++] = values[from + part];
        }
      }
      return tile;
    },
  };
}

function add(band, values, width, channels, { left, down, across }) {
  let from = 0;
  for (let row = 0; row < down.length; row++) {
    for (let column = 0; column < across.length; column++) {
      const weight = down[row] * across[column];
      const to = (row * width + left + column) * channels;
      for (let part = 0; part < channels; part++) band[to + part] += values[from++] * weight;
    }
  }
}
