// The controls around the drawing: tools, colours, size, undo, clear.

import { find } from "./dom.js";
import { drawing } from "./drawing.js";
import { classColours, coloursToNumbers, holdsNumbers } from "./label-maps.js";
import { encodeImageData, encodePng } from "./png.js";

/** @param {{run: (blob: Blob, name: string, options: object) => void}} page */
export function drawingPanel({ run }) {
  let paper = null;
  let source = {};
  let palette = [];

  const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`)?.value;
  const pen = () => ({
    tool: chosen("tool"),
    size: Number(find("brush").value),
    colour: palette.length ? chosen("swatch") : find("colour").value,
    ground: palette.length ? palette[0] : find("ground").value,
  });

  /** Make the canvas as the network's sources are; what was drawn on one of the same size stays. */
  function prepare(size, form) {
    const canvas = find("canvas");
    if (paper && canvas.height === size[0] && canvas.width === size[1]) return;
    source = form;
    palette = classColours(form);
    showSwatches();
    const widest = Math.max(2, Math.round(Math.max(...size) / 4));
    find("brush").max = widest;
    find("brush").value = palette.length ? Math.round(widest / 3) : Math.max(2, Math.ceil(size[1] / 128));
    find("brush").dispatchEvent(new Event("input"));
    paper = drawing(canvas, {
      size,
      mark: find("cursor"),
      pen,
      changed: (undoable) => (find("undo").disabled = !undoable),
    });
  }

  function showSwatches() {
    find("own-colour").hidden = find("own-ground").hidden = palette.length > 0;
    find("swatches").hidden = palette.length === 0;
    find("swatches").replaceChildren(
      ...palette.map((colour, index) => {
        const label = document.createElement("label");
        const input = document.createElement("input");
        const patch = document.createElement("span");
        Object.assign(input, { type: "radio", name: "swatch", value: colour });
        input.checked = index === Math.min(1, palette.length - 1);
        const value = holdsNumbers(source) ? source.classes[index] : colour;
        input.setAttribute("aria-label", `Class ${value}`);
        label.title = `class ${value}`;
        label.className = "swatch";
        patch.style.backgroundColor = colour;
        label.append(input, patch);
        return label;
      }),
    );
  }

  find("brush").addEventListener("input", () => {
    find("brush-size").textContent = find("brush").value;
  });
  find("undo").addEventListener("click", () => {
    paper.undo();
    if (find("undo").disabled) find("canvas").focus(); // focus would fall to the page
  });
  find("clear").addEventListener("click", () => paper.clear());
  find("ground").addEventListener("input", () => paper.empty() && paper.fill());
  find("translate-drawing").addEventListener("click", async () => {
    const picture = paper.pixels();
    const preview = await encodeImageData(picture);
    const { width, height } = picture;
    const blob = holdsNumbers(source)
      ? await encodePng(coloursToNumbers(picture, source), width, height, 1)
      : preview;
    run(blob, "drawing.png", { exact: true, preview });
  });

  return { prepare };
}
