// Source and translation in one frame, with a line between them that can be moved; or side by side.

/**
 * @param {HTMLElement} frame with `.before img`, `.after img` and an `input[type=range]`.
 * @returns {{show: (before: string | null, after: string) => Promise<{width: number, height: number} | null>,
 *   view: (name: string) => void}}
 */
export function comparison(frame) {
  const before = frame.querySelector(".before img");
  const after = frame.querySelector(".after img");
  const split = frame.querySelector("input");

  const move = () => {
    frame.style.setProperty("--split", `${split.value}%`);
    split.setAttribute("aria-valuetext", `${split.value} % source`);
  };
  split.addEventListener("input", move);
  move();

  /** Show two pictures by their addresses; answers the translation's size, or null if it cannot be shown. */
  async function show(source, translation) {
    frame.hidden = true;
    after.src = translation;
    try {
      await after.decode();
    } catch {
      return null;
    }
    const paired = source !== null && (await loads(before, source));
    frame.classList.toggle("alone", !paired);
    const { naturalWidth: width, naturalHeight: height } = after;
    frame.style.setProperty("--width", width);
    frame.style.setProperty("--height", height);
    frame.classList.toggle("small", Math.max(width, height) <= 64);
    frame.hidden = false;
    return { width, height };
  }

  const view = (name) => frame.classList.toggle("pair", name === "pair");
  return { show, view };
}

async function loads(image, address) {
  image.src = address;
  try {
    await image.decode();
    return true;
  } catch {
    return false;
  }
}
