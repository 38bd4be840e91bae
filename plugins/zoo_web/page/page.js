// The page: takes a source picture from wherever it comes, and shows its translation.

import { cameraPanel } from "./camera-panel.js";
import { drawPanel } from "./drawing-panel.js";
import { outcome } from "./result-panel.js";
import { needsPreview, prepare } from "./preprocessing.js";
import { tabs } from "./tabs.js";
import { translator } from "./translator.js";
import { TOKEN_WANTED, Trouble, bytes, pixels, seconds, sides } from "./formatting.js";

const TOKEN = "zoo-token";
const find = (id) => document.getElementById(id);

let token = sessionStorage.getItem(TOKEN) ?? "";
let about = null;
let running = null;
let retry = null;

const shown = outcome({
  stop: () => running?.abort(),
  again: () => retry?.(),
  token: (given) => {
    token = given;
    sessionStorage.setItem(TOKEN, token);
    retry?.();
  },
});

/**
 * Translate a picture and show it. An earlier one that is still under way is given up.
 * @param {Blob} blob
 * @param {string} name of its file.
 * @param {{exact?: boolean, seen?: Blob}} options whether it is of the right size already, and another picture to show
 *   as the source.
 */
async function run(blob, name, { exact = false, seen } = {}) {
  running?.abort();
  const mine = (running = new AbortController());
  retry = () => run(blob, name, { exact, seen });
  shown.busy("Reading the picture …");
  try {
    if (!about) await load();
    const ready = await prepare(blob, about, exact ? "0" : find("most").value);
    if (mine.signal.aborted) return;
    let started = performance.now();
    const result = await translator.translate(ready.blob, {
      token,
      signal: mine.signal,
      progress: (text, share, loading = false) => {
        if (loading) started = performance.now(); // the first picture is not to be blamed for it
        if (running === mine) shown.busy(text, share);
      },
    });
    if (running !== mine) return;
    const time = `Translated in ${seconds(performance.now() - started)}`;
    const pictures = await Promise.all([
      seen ?? visible(ready.blob, "source", ready.width === undefined),
      visible(result, "target"),
    ]);
    if (running !== mine) return;
    await shown.done({ pictures, result, name, time, from: ready.from });
  } catch (error) {
    if (running !== mine) return;
    if (mine.signal.aborted) shown.idle("Stopped.");
    else report(error);
  }
}

/** A picture as people can see it; or as it is, which may be nothing that this browser shows. */
async function visible(blob, side, unreadable = false) {
  if (!unreadable && !needsPreview(about[side], blob)) return blob;
  try {
    return await translator.preview(blob, side, { token });
  } catch (error) {
    if (error instanceof Trouble) return blob;
    throw error;
  }
}

function report(error) {
  if (error instanceof Trouble) return shown.trouble(error);
  console.error(error);
  return shown.trouble(new Trouble(`This did not work: ${error.message}`, { again: true }));
}

// === Where pictures come from ===

function take(files) {
  const [file] = files;
  if (file) run(file, file.name || "pasted.png");
}

find("file").addEventListener("change", ({ target }) => {
  take(target.files);
  target.value = ""; // so that the same file can be chosen again
});

let inside = 0;
const over = (change) => {
  inside = Math.max(0, inside + change);
  document.body.classList.toggle("dropping", inside > 0);
};
addEventListener("dragenter", () => over(1));
addEventListener("dragleave", () => over(-1));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  over(-inside);
  if (event.dataTransfer.files.length) take(event.dataTransfer.files);
  else report(new Trouble("This is no file. Save the picture first, then drop the file here."));
});

addEventListener("paste", (event) => {
  if (event.target.matches?.("input:not([type=file])")) return;
  const { files } = event.clipboardData;
  if (files.length) take(files);
  else report(new Trouble("The clipboard holds no picture. Copy a picture, then paste it here."));
});

find("most").addEventListener("change", () => {
  // Another size of the same picture.
  if (retry && (shown.finished() || running?.signal.aborted === false)) retry();
});

async function showSamples(samples) {
  find("samples").hidden = samples.length === 0;
  const buttons = samples.map((one) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "thumbnail";
    button.title = one.name;
    button.setAttribute("aria-label", `Sample ${one.name}`);
    button.addEventListener("click", () => take(one));
    return button;
  });
  find("thumbnails").replaceChildren(
    ...buttons.map((button) => {
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
  // One after the other: a server with a short queue would turn some away.
  for (const [index, button] of buttons.entries()) {
    const image = document.createElement("img");
    image.alt = "";
    try {
      image.src = URL.createObjectURL(await translator.thumbnail(samples[index], { token }));
      await image.decode();
      button.replaceChildren(image);
    } catch {
      button.replaceChildren(button.title); // it can be chosen by its name all the same
    }
  }

  async function take(one) {
    try {
      await run(await translator.sample(one, { token }), one.name);
    } catch (error) {
      retry = () => take(one);
      report(error);
    }
  }
}

// === What is translated here ===

async function load() {
  about = await translator.info({ token });
  const { name, size, source = {}, samples = [], limits = {} } = about;
  document.title = `${name} · zoo`;
  find("name").textContent = name;
  find("about").textContent =
    `A network for ${kind(source)} of ${sides(size[1], size[0])} pixels. ` +
    "Larger ones are translated piece by piece.";
  const most = [limits.bytes && bytes(limits.bytes), limits.pixels && pixels(limits.pixels)];
  find("limits").textContent = most.some(Boolean) ? `up to ${most.filter(Boolean).join(", ")}` : "";
  find("most").querySelector('[value="fit"]').textContent =
    `that of the network, ${sides(size[1], size[0])}`;
  draw.prepare(size, source);
  if (about.token && !token) throw new Trouble(TOKEN_WANTED, { token: true });
  showSamples(samples);
}

function kind({ channels, classes }) {
  if (classes?.length) return `label maps of ${classes.length} classes`;
  return channels === "grey" || channels === 1 ? "grey pictures" : "pictures";
}

async function open() {
  find("privacy").textContent = translator.privacy;
  retry = open;
  try {
    await load();
    shown.idle("");
    retry = null;
  } catch (error) {
    if (!about) find("about").textContent = "";
    report(error);
  }
}

const draw = drawPanel({ run });
const closeCamera = cameraPanel({ run });
tabs(document.querySelector('[role="tablist"]'), (tab) => {
  if (tab !== "tab-camera") closeCamera();
});
open();
