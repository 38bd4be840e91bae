// Colours in which people see the classes of label maps.

/** A colour for each class, "#rrggbb": its own, or one far from its neighbours', as a run's report shows it. */
export function classColours(form) {
  if (!form?.classes?.length) return [];
  return form.classes.map((one, index) =>
    Array.isArray(one) ? hex(one) : hex(fromHue((index * 0.618034) % 1)),
  );
}

/** "#rrggbb" of red, green and blue. */
export function hex(parts) {
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Red, green and blue of "#rrggbb". */
export function parts(colour) {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

/** A hue at saturation 0.75 and value 0.9. */
function fromHue(hue) {
  return [0, 4, 2].map((shift) => {
    const away = Math.abs(((hue * 6 + shift) % 6) - 3) - 1;
    return Math.round(255 * 0.9 * (1 - 0.75 * (1 - Math.min(1, Math.max(0, away)))));
  });
}
