// The page: takes a source picture from wherever it comes, and shows its translation.

import { cameraPanel } from "./camera-panel.js";
import { find } from "./dom.js";
import { drawingPanel } from "./drawing-panel.js";
import { TOKEN_WANTED, UserError } from "./errors.js";
import { isGrey } from "./formats.js";
import { bytes, pixels, seconds, sides } from "./formatting.js";
import { needsPreview, preprocess } from "./preprocessing.js";
import { resultPanel } from "./result-panel.js";
import { tabs } from "./tabs.js";
import { translator } from "./translator.js";

const TOKEN = "zoo-token";

let token = sessionStorage.getItem(TOKEN) ?? "";
let info = null;
let running = null;
let retry = null;

const result = resultPanel({
  stop: () => running?.abort(),
  retry: () => retry?.(),
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
 * @param {{exact?: boolean, preview?: Blob}} options whether it is of the right size already, and another picture to show
 *   as the source.
 */
async function run(blob, name, { exact = false, preview } = {}) {
  running?.abort();
  const mine = (running = new AbortController());
  retry = () => run(blob, name, { exact, preview });
  result.busy("Reading the picture …");
  try {
    if (!info) await load();
    const ready = await preprocess(blob, info, exact ? "0" : find("max-size").value);
    if (mine.signal.aborted) return;
    let started = performance.now();
    const translation = await translator.translate(ready.blob, {
      token,
      signal: mine.signal,
      progress: (text, share, loading = false) => {
        if (loading) started = performance.now(); // the first picture is not to be blamed for it
        if (running === mine) result.busy(text, share);
      },
    });
    if (running !== mine) return;
    const time = `Translated in ${seconds(performance.now() - started)}`;
    const pictures = await Promise.all([
      preview ?? visible(ready.blob, "source", ready.width === undefined),
      visible(translation, "target"),
    ]);
    if (running !== mine) return;
    await result.done({ pictures, translation, name, time, from: ready.from });
  } catch (error) {
    if (running !== mine) return;
    if (mine.signal.aborted) result.idle("Stopped.");
    else report(error);
  }
}

/** A picture as people can see it; or as it is, which may be nothing that this browser shows. */
async function visible(blob, side, unreadable = false) {
  if (!unreadable && !needsPreview(info[side], blob)) return blob;
  try {
    return await translator.preview(blob, side, { token });
  } catch (error) {
    if (error instanceof UserError) return blob;
    throw error;
  }
}

function report(error) {
  if (error instanceof UserError) return result.failed(error);
  console.error(error);
  return result.failed(new UserError(`This did not work: ${error.message}`, { retry: true }));
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
  else report(new UserError("This is no file. Save the picture first, then drop the file here."));
});

addEventListener("paste", (event) => {
  if (event.target.matches?.("input:not([type=file])")) return;
  const { files } = event.clipboardData;
  if (files.length) take(files);
  else report(new UserError("The clipboard holds no picture. Copy a picture, then paste it here."));
});

find("max-size").addEventListener("change", () => {
  // Another size of the same picture.
  if (retry && (result.finished() || running?.signal.aborted === false)) retry();
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
  info = await translator.info({ token });
  const { name, size, source = {}, samples = [], limits = {} } = info;
  document.title = `${name} · zoo`;
  find("name").textContent = name;
  find("about").textContent =
    `A network for ${kind(source)} of ${sides(size[1], size[0])} pixels. ` +
    "Larger ones are translated piece by piece.";
  const maxima = [limits.bytes && bytes(limits.bytes), limits.pixels && pixels(limits.pixels)];
  find("limits").textContent = maxima.some(Boolean) ? `up to ${maxima.filter(Boolean).join(", ")}` : "";
  find("max-size").querySelector('[value="fit"]').textContent =
    `that of the network, ${sides(size[1], size[0])}`;
  drawing.prepare(size, source);
  if (info.token && !token) throw new UserError(TOKEN_WANTED, { token: true });
  showSamples(samples);
}

function kind(form) {
  if (form.classes?.length) return `label maps of ${form.classes.length} classes`;
  return isGrey(form) ? "grey pictures" : "pictures";
}

async function open() {
  find("privacy").textContent = translator.privacy;
  retry = open;
  try {
    await load();
    result.idle("");
    retry = null;
  } catch (error) {
    if (!info) find("about").textContent = "";
    report(error);
  }
}

const drawing = drawingPanel({ run });
const closeCamera = cameraPanel({ run });
tabs(document.querySelector('[role="tablist"]'), (tab) => {
  if (tab !== "tab-camera") closeCamera();
});
open();
