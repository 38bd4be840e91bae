// Where overlapping tiles lie along one side of a picture, and how they fade: zoo/translation/tiling.py in JavaScript.

/**
 * @param {number} length pixels of the side.
 * @param {number} size pixels of a tile.
 * @param {number} overlap least share of a tile in common with the next, in [0, 1).
 * @param {number} alignment tiles start at multiples of it.
 * @returns {{length: number, before: number, starts: number[], weights: Float32Array[]}} pixels of the padded side and
 *   of the padding before it; the first pixel of each tile and a window for each.
 */
export function tiledAxis(length, size, overlap, alignment = 1) {
  const missing = Math.max(0, size - length);
  // In steps of the alignment.
  const last = Math.ceil(Math.max(0, length - size) / alignment);
  const stride = Math.max(1, Math.floor((size * (1 - overlap)) / alignment));
  const count = Math.ceil(last / stride) + 1;
  const starts = Array.from(
    { length: count },
    (_, index) => halfToEven((last * index) / Math.max(1, count - 1)) * alignment,
  );
  const padded = size + last * alignment;

  const windows = starts.map(() => new Float64Array(size).fill(1));
  for (let index = 0; index + 1 < count; index++) {
    const shared = starts[index] + size - starts[index + 1];
    const rising = rise(shared);
    for (let pixel = 0; pixel < rising.length; pixel++) {
      windows[index][size - shared + pixel] *= 1 - rising[pixel];
      windows[index + 1][pixel] *= rising[pixel];
    }
  }
  // With more than half in common, more than two tiles meet.
  const total = new Float64Array(padded);
  starts.forEach((start, index) => {
    windows[index].forEach((weight, pixel) => (total[start + pixel] += weight));
  });
  const weights = starts.map((start, index) =>
    Float32Array.from(windows[index], (weight, pixel) => weight / total[start + pixel]),
  );
  return { length: padded, before: Math.floor(missing / 2), starts, weights };
}

/** The weights of the following tile where two have so many pixels in common. */
function rise(overlap) {
  const weights = new Float64Array(Math.max(0, overlap)).fill(1);
  const margin = Math.floor(overlap / 4);
  const middle = overlap - 2 * margin;
  for (let index = 0; index < overlap - margin; index++) {
    weights[index] =
      index < margin ? 0 : Math.sin(((Math.PI / 2) * (index - margin + 0.5)) / middle) ** 2;
  }
  return weights;
}

/** Python's `round`. */
function halfToEven(value) {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** The pixel that continues a side at a place outside of it, as a mirror would. */
export function mirrored(place, length) {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((place % period) + period) % period;
  return within < length ? within : period - within;
}
