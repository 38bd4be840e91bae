// Label maps: the numbers or colours that stand for classes in files, and the colours in which people see them.

/** The number of pixels that are of no class. */
export const UNLABELLED = 255;
const WHITE = [255, 255, 255];

/** Whether files of a format hold the numbers of classes, not their colours. */
export function holdsNumbers(form) {
  return Boolean(form?.classes?.length) && !Array.isArray(form.classes[0]);
}

/** A colour for each class, "#rrggbb": its own, or one far from its neighbours', as a run's report shows it. */
export function classColours(form) {
  if (!form?.classes?.length) return [];
  return form.classes.map((one, index) =>
    Array.isArray(one) ? hex(one) : hex(fromHue((index * 0.618034) % 1)),
  );
}

/** Red, green and blue of "#rrggbb". */
export function rgb(colour) {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

/** One number for a colour. */
export function code(red, green, blue) {
  return (red << 16) | (green << 8) | blue;
}

/**
 * Turn a picture of classes' numbers to one of their colours, in place.
 * @param {ImageData} picture
 * @param {object} form its format, `PictureFormat.as_json()`.
 */
export function numbersToColours({ data }, form) {
  const colours = classColours(form).map(rgb);
  const colourOf = new Map(form.classes.map((number, index) => [number, colours[index]]));
  for (let at = 0; at < data.length; at += 4) data.set(colourOf.get(data[at]) ?? WHITE, at);
}

/**
 * The classes' numbers of a picture of their colours.
 * @param {ImageData} picture without any other colour.
 * @param {object} form the format of the numbers, `PictureFormat.as_json()`.
 * @returns {Uint8Array}
 */
export function coloursToNumbers({ data }, form) {
  const colours = classColours(form).map((colour) => code(...rgb(colour)));
  const numberOf = new Map(colours.map((colour, index) => [colour, form.classes[index]]));
  return Uint8Array.from({ length: data.length / 4 }, (_, pixel) =>
    numberOf.get(code(data[4 * pixel], data[4 * pixel + 1], data[4 * pixel + 2])),
  );
}

/** "#rrggbb" of red, green and blue. */
function hex(parts) {
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** A hue at saturation 0.75 and value 0.9. */
function fromHue(hue) {
  return [0, 4, 2].map((shift) => {
    const away = Math.abs(((hue * 6 + shift) % 6) - 3) - 1;
    return Math.round(255 * 0.9 * (1 - 0.75 * (1 - Math.min(1, Math.max(0, away)))));
  });
}
