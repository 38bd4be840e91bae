// Two pictures in one frame, as a source and its translation, with a line between them that can be moved; or side by
// side.

/**
 * @param {HTMLElement} frame with `.before img`, `.after img`, a `figcaption` each, and an `input[type=range]`.
 * @returns {{show: (before: string | null, after: string) => Promise<{width: number, height: number} | null>,
 *   view: (name: string) => void}}
 */
export function comparison(frame) {
  const before = frame.querySelector(".before img");
  const after = frame.querySelector(".after img");
  const caption = frame.querySelector(".before figcaption");
  const split = frame.querySelector("input");
  let latest = 0;

  const move = () => {
    frame.style.setProperty("--split", `${split.value}%`);
    split.setAttribute("aria-valuetext", `${split.value} % ${caption.textContent.toLowerCase()}`);
  };
  split.addEventListener("input", move);
  move();

  /** Show two pictures by their addresses; answers the second's size, or null if it cannot be shown. */
  async function show(first, second) {
    const mine = ++latest;
    // Both are decoded before either is shown, so that nothing jumps.
    const [left, right] = await Promise.all([first === null ? null : decoded(first), decoded(second)]);
    const size = right && { width: right.naturalWidth, height: right.naturalHeight };
    if (mine !== latest) return size;
    frame.hidden = !right;
    if (!right) return null;
    after.src = second;
    if (left) before.src = first;
    frame.classList.toggle("alone", !left);
    frame.style.setProperty("--width", size.width);
    frame.style.setProperty("--height", size.height);
    frame.classList.toggle("small", Math.max(size.width, size.height) <= 64);
    move();
    return size;
  }

  const view = (name) => frame.classList.toggle("pair", name === "pair");
  return { show, view };
}

async function decoded(address) {
  const image = new Image();
  image.src = address;
  try {
    await image.decode();
    return image;
  } catch {
    return null;
  }
}
