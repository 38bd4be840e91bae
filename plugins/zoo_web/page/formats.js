// What the values in picture files mean to a network, and back: zoo/pictures/formats.py for pictures that
// browsers read.

import { UserError } from "./errors.js";
import { UNLABELLED, classColours, code, holdsNumbers, rgb } from "./label-maps.js";

/** Whether pictures of a format are grey. */
export function isGrey({ channels }) {
  return channels === "grey" || channels === 1;
}

/**
 * Return what turns pixels of a canvas to what the network sees.
 * @param {object} form a source format, `PictureFormat.as_json()`.
 * @returns {{depth: number, read: (pixels: Uint8ClampedArray, from: number, to: Float32Array, at: number) => void}}
 *   `read` takes the pixel whose red is at `from`, and writes its values from `at` on.
 */
export function sourceFormat(form) {
  if (form.classes.length) return labels(form);
  const depth = isGrey(form) ? 1 : 3;
  const { low, scale } = range(form, depth);
  const put = (stored, part, to, at) => {
    const value = stored === form.nodata ? (form.fill ?? low[part]) : stored;
    const scaled = (value - low[part]) * scale[part] - 1;
    to[at + part] = scaled < -1 ? -1 : scaled > 1 ? 1 : scaled;
  };
  if (depth === 3) {
    return {
      depth,
      read(pixels, from, to, at) {
        for (let part = 0; part < 3; part++) put(pixels[from + part], part, to, at);
      },
    };
  }
  return {
    depth,
    read(pixels, from, to, at) {
      const [red, green, blue] = [pixels[from], pixels[from + 1], pixels[from + 2]];
      const hole = [red, green, blue].includes(form.nodata);
      const grey = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
      put(hole ? form.nodata : grey, 0, to, at);
    },
  };
}

function labels({ classes }) {
  const coloured = Array.isArray(classes[0]);
  const depth = classes.length;
  const index = new Map(classes.map((one, number) => [coloured ? code(...one) : one, number]));
  return {
    depth,
    read(pixels, from, to, at) {
      const [red, green, blue] = [pixels[from], pixels[from + 1], pixels[from + 2]];
      if (!coloured && (red !== green || red !== blue)) {
        throw new UserError(
          "This label map has colours; expected a grey picture of the classes' numbers.",
        );
      }
      const number = index.get(coloured ? code(red, green, blue) : red);
      if (number === undefined && (coloured || red !== UNLABELLED)) {
        const what = coloured ? `colour ${red}, ${green}, ${blue}` : `value ${red}`;
        throw new UserError(
          `This label map has pixels of the ${what}, which is none of its ${depth} classes.`,
        );
      }
      to.fill(-1, at, at + depth);
      if (number !== undefined) to[at + number] = 1;
    },
  };
}

/**
 * Return what turns paintings to the values of files.
 * @param {object} form a target format, `PictureFormat.as_json()`.
 * @param {number} painted channels of the network's paintings.
 * @returns {{channels: 1 | 3, make: (count: number) => Uint8ClampedArray | Uint16Array,
 *   write: (values: Float32Array, from: number, to: object, at: number) => void}}
 */
export function targetFormat(form, painted) {
  if (form.classes.length) return likeliest(form.classes);
  const deep = form.dtype === "uint16";
  const channels = painted === 1 ? 1 : 3;
  const { low, scale } = range(form, channels);
  return {
    channels,
    make: (count) => (deep ? new Uint16Array(count) : new Uint8ClampedArray(count)),
    write(values, from, to, at) {
      for (let part = 0; part < channels; part++) {
        const value = values[from + part];
        const scaled = (Math.min(1, Math.max(-1, value)) + 1) / scale[part] + low[part];
        to[at + part] = deep ? Math.round(scaled) : scaled; // clamped arrays round by themselves
      }
    },
  };
}

/** As `targetFormat`, for a picture to look at; or null where files hold that already. */
export function previewFormat(form, painted) {
  if (holdsNumbers(form)) return likeliest(classColours(form).map(rgb));
  if (form.classes.length || form.dtype === "uint8") return null;
  return targetFormat({ classes: [], dtype: "uint8", low: [0], high: [255] }, painted);
}

function likeliest(classes) {
  const coloured = Array.isArray(classes[0]);
  const deep = !coloured && Math.max(...classes) > 255;
  return {
    channels: coloured ? 3 : 1,
    make: (count) => (deep ? new Uint16Array(count) : new Uint8ClampedArray(count)),
    write(values, from, to, at) {
      let best = 0;
      for (let one = 1; one < classes.length; one++) {
        if (values[from + one] > values[from + best]) best = one;
      }
      if (coloured) classes[best].forEach((part, index) => (to[at + index] = part));
      else to[at] = classes[best];
    },
  };
}

/** The value that becomes -1 and what a step of 1 becomes, for each channel. */
function range({ low, high }, channels) {
  const each = (bounds) => Array.from({ length: channels }, (_, part) => bounds[part] ?? bounds[0]);
  const [least, most] = [each(low), each(high)];
  return { low: least, scale: least.map((bound, part) => 2 / (most[part] - bound)) };
}
