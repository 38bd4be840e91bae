// The translator that runs the network in the visitor's own browser, in a worker; see translator.js.

import { isolated } from "./cross-origin-isolation.js";
import { UserError } from "./errors.js";
import { holdsNumbers, numbersToColours } from "./label-maps.js";
import { decodeUpright } from "./orientation.js";
import { encodeImageData } from "./png.js";

export const privacy = "Everything happens in this browser: no picture leaves your device.";

const waiting = new Map();
// What a screen is to show of translations whose values are others.
const previews = new WeakMap();
let worker = null;
let count = 0;
let fetchedInfo = null;

export async function info() {
  await isolated();
  fetchedInfo ??= await (await fetched("info.json")).json();
  return fetchedInfo;
}

export async function thumbnail(one) {
  return preview(await sample(one), "source");
}

export async function sample({ url }) {
  return (await fetched(url)).blob();
}

/** Browsers show what this page reads, but for the numbers of classes. */
export async function preview(blob, side) {
  if (previews.has(blob)) return previews.get(blob);
  const form = (await info())[side];
  return holdsNumbers(form) ? coloured(blob, form) : blob;
}

async function coloured(blob, form) {
  const { bitmap } = await decodeUpright(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const picture = context.getImageData(0, 0, canvas.width, canvas.height);
  numbersToColours(picture, form);
  return encodeImageData(picture);
}

export async function translate(blob, { signal, progress = () => {} } = {}) {
  const message = { blob, info: await info() };
  worker ??= started();
  const id = ++count;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, progress });
    signal?.addEventListener("abort", () => worker?.postMessage({ stop: id }), { once: true });
    worker.postMessage({ id, ...message });
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
      if (data.preview) previews.set(data.result, data.preview);
      resolve(data.result);
    } else if (data.stopped) {
      reject(new DOMException("stopped", "AbortError"));
    } else {
      reject(new UserError(data.error, { retry: data.retry }));
    }
  });
  made.addEventListener("error", (event) => {
    // Its files are not there, or the browser lacks what they need; another try starts a new one.
    const reason = event.message ? ` (${event.message})` : "";
    made.terminate();
    worker = null;
    for (const { reject } of waiting.values()) {
      reject(
        new UserError(`The network cannot run in this browser${reason}; a newer one may help.`, {
          retry: true,
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
  throw new UserError(`The file ${address} of this page cannot be loaded. Are you connected?`, {
    retry: true,
  });
}
