// A canvas of the network's size to draw on: brush, box, eraser, undo, clear; mouse, finger, pen or keyboard.

const REMEMBERED = 40;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {HTMLCanvasElement} canvas
 * @param {object} options
 * @param {[number, number]} options.size height and width in pixels.
 * @param {HTMLElement} options.mark shows where the keyboard's brush is; lies in a frame around the canvas.
 * @param {() => {tool: string, size: number, colour: string, ground: string}} options.pen what the controls say now.
 * @param {(undoable: boolean) => void} options.changed called after every change.
 */
export function drawing(canvas, { size, mark, pen, changed }) {
  [canvas.height, canvas.width] = size;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const past = [];
  let stroke = null;
  let cursor = null;

  const whole = () => context.getImageData(0, 0, canvas.width, canvas.height);
  const remember = () => {
    past.push(whole());
    if (past.length > REMEMBERED) past.shift();
  };

  function fill() {
    context.fillStyle = pen().ground;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }

  function begin(x, y) {
    const { tool, size: width, colour, ground } = pen();
    remember();
    context.fillStyle = tool === "eraser" ? ground : colour;
    stroke = { tool, width, start: [x, y], last: [x, y], under: past.at(-1) };
    extend(x, y);
  }

  function extend(x, y) {
    if (stroke.tool === "box") {
      context.putImageData(stroke.under, 0, 0);
      box(context, ...stroke.start, x, y);
    } else {
      line(context, ...stroke.last, x, y, stroke.width);
      stroke.last = [x, y];
    }
  }

  function end() {
    stroke = null;
    changed(past.length > 0);
  }

  /** Show where the keyboard's brush is, and whether it is down. */
  function point() {
    mark.style.left = `${((cursor[0] + 0.5) * 100) / canvas.width}%`;
    mark.style.top = `${((cursor[1] + 0.5) * 100) / canvas.height}%`;
    mark.classList.toggle("down", stroke !== null);
    mark.hidden = false;
  }

  const place = ({ clientX, clientY }) => {
    const frame = canvas.getBoundingClientRect();
    return [
      Math.floor(((clientX - frame.left) * canvas.width) / frame.width),
      Math.floor(((clientY - frame.top) * canvas.height) / frame.height),
    ];
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || stroke) return;
    canvas.setPointerCapture(event.pointerId);
    mark.hidden = true;
    cursor = place(event);
    begin(...cursor);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke || !canvas.hasPointerCapture(event.pointerId)) return;
    // A fast hand moves several times between two frames.
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) extend(...place(move));
    cursor = place(event);
  });
  const lift = (event) => {
    if (stroke && canvas.hasPointerCapture(event.pointerId)) end();
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);

  canvas.addEventListener("keydown", (event) => {
    cursor ??= [canvas.width >> 1, canvas.height >> 1];
    if (event.key === " ") {
      event.preventDefault();
      if (stroke) end();
      else begin(...cursor);
      point();
    } else if (event.key in ARROWS) {
      event.preventDefault();
      const step = event.shiftKey ? 1 : Math.max(2, canvas.width >> 6);
      const [right, down] = ARROWS[event.key];
      cursor = [
        Math.min(canvas.width - 1, Math.max(0, cursor[0] + right * step)),
        Math.min(canvas.height - 1, Math.max(0, cursor[1] + down * step)),
      ];
      if (stroke) extend(...cursor);
      point();
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      undo();
    }
  });
  canvas.addEventListener("blur", () => {
    mark.hidden = true;
    if (stroke) end();
  });

  function undo() {
    if (stroke || !past.length) return;
    context.putImageData(past.pop(), 0, 0);
    changed(past.length > 0);
  }

  function clear() {
    remember();
    fill();
    changed(true);
  }

  fill();
  return { undo, clear, fill, pixels: whole, empty: () => past.length === 0 };
}

/** A line of round dots without soft edges: the colours of label maps must stay exact. */
function line(context, fromX, fromY, toX, toY, width) {
  const steps = Math.max(1, Math.abs(toX - fromX), Math.abs(toY - fromY));
  for (let step = 0; step <= steps; step++) {
    dot(
      context,
      Math.round(fromX + ((toX - fromX) * step) / steps),
      Math.round(fromY + ((toY - fromY) * step) / steps),
      width,
    );
  }
}

function dot(context, x, y, width) {
  const radius = width / 2;
  const top = y - Math.floor(radius);
  for (let row = 0; row < width; row++) {
    const away = row + 0.5 - radius;
    const half = Math.round(Math.sqrt(Math.max(0, radius * radius - away * away)));
    const across = Math.max(1, 2 * half - (width % 2 === 1 && half > 0 ? 1 : 0));
    context.fillRect(x - (across >> 1), top + row, across, 1);
  }
}

function box(context, fromX, fromY, toX, toY) {
  context.fillRect(
    Math.min(fromX, toX),
    Math.min(fromY, toY),
    Math.abs(toX - fromX) + 1,
    Math.abs(toY - fromY) + 1,
  );
}
