// The translator that runs the network in the visitor's own browser, in a worker; see translator.js.

import { isolated } from "./cross-origin-isolation.js";
import { classColours, parts } from "./label-maps.js";
import { byValue } from "./preprocessing.js";
import { Trouble } from "./formatting.js";

export const privacy = "Everything happens in this browser: no picture leaves your device.";

const UNLABELLED = [255, 255, 255];

const waiting = new Map();
// Translations whose values are not those that a screen shows, and what it is to show.
const seen = new WeakMap();
let worker = null;
let count = 0;
let about = null;

export async function info() {
  await isolated();
  about ??= await (await fetched("info.json")).json();
  return about;
}

export async function thumbnail(one) {
  return preview(await sample(one), "source");
}

export async function sample({ url }) {
  return (await fetched(url)).blob();
}

/** Browsers show what this page reads, but for the numbers of classes. */
export async function preview(blob, side) {
  if (seen.has(blob)) return seen.get(blob);
  const form = (await info())[side];
  return byValue(form) ? coloured(blob, form) : blob;
}

async function coloured(blob, form) {
  const colours = classColours(form).map(parts);
  const byNumber = new Map(form.classes.map((number, index) => [number, colours[index]]));
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const picture = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < picture.data.length; at += 4) {
    picture.data.set(byNumber.get(picture.data[at]) ?? UNLABELLED, at);
  }
  context.putImageData(picture, 0, 0);
  return canvas.convertToBlob();
}

export async function translate(blob, { signal, progress = () => {} } = {}) {
  const told = await info();
  worker ??= started();
  const id = ++count;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, progress });
    signal?.addEventListener("abort", () => worker?.postMessage({ stop: id }), { once: true });
    worker.postMessage({ id, blob, about: told });
  });
}

function started() {
  const made = new Worker(new URL("./inference-worker.js", import.meta.url), { type: "module" });
  made.addEventListener("message", ({ data }) => {
    const { resolve, reject, progress } = waiting.get(data.id);
    if (data.text) {
      progress(data.text, data.share, data.loading);
      return;
    }
    waiting.delete(data.id);
    if (data.result) {
      if (data.seen) seen.set(data.result, data.seen);
      resolve(data.result);
    } else if (data.stopped) {
      reject(new DOMException("stopped", "AbortError"));
    } else {
      reject(new Trouble(data.trouble, { again: data.again }));
    }
  });
  made.addEventListener("error", (event) => {
    // Its files are not there, or the browser lacks what they need; another try starts a new one.
    const reason = event.message ? ` (${event.message})` : "";
    made.terminate();
    worker = null;
    for (const { reject } of waiting.values()) {
      reject(
        new Trouble(`The network cannot run in this browser${reason}; a newer one may help.`, {
          again: true,
        }),
      );
    }
    waiting.clear();
  });
  return made;
}

async function fetched(address) {
  try {
    const answer = await fetch(address);
    if (answer.ok) return answer;
  } catch {
    // said below
  }
  throw new Trouble(`The file ${address} of this page cannot be loaded. Are you connected?`, {
    again: true,
  });
}
