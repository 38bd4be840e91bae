// What the reader has set: it outlives a page that is replaced while a run goes on.

const settings = new Map();

/** The value that was kept under a name, or what it begins with. */
const kept = (name, initial) => (settings.has(name) ? settings.get(name) : initial);
const keep = (name, value) => settings.set(name, value);

/** An element with classes and text. */
function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** A colour of the page. */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A number with four digits that count. */
function told(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  if (Number.isInteger(value)) return value.toLocaleString("en");
  const digits = Math.max(0, 3 - Math.floor(Math.log10(size)));
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** An image; small ones keep their pixels square. */
function picture(address, alt) {
  const image = element("img");
  image.alt = alt;
  image.addEventListener("load", () => {
    image.classList.toggle("pixels", Math.max(image.naturalWidth, image.naturalHeight) <= 64);
  });
  image.src = address;
  return image;
}
