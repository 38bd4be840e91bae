// The error by position: the cell under the pointer is told below the map.

function heat(root) {
  const map = root.querySelector(".map");
  if (!map) return;
  const readout = root.querySelector(".heat .readout");
  map.addEventListener("pointerover", ({ target }) => {
    if (target.title) readout.textContent = target.title;
  });
  map.addEventListener("pointerleave", () => (readout.textContent = ""));
}
