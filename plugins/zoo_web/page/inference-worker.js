// Runs the network beside the page, so that the page stays alive meanwhile.

import * as ort from "./runtime/ort.wasm.bundle.min.mjs";
import { UserError } from "./errors.js";
import { translateTiled } from "./tiled-inference.js";

const stopped = new Set();
let network = null;

addEventListener("message", async ({ data }) => {
  if (data.stop) {
    stopped.add(data.stop);
    return;
  }
  const { id, blob, info } = data;
  const tell = (message) => postMessage({ id, ...message });
  try {
    network ??= opened(info, tell);
    const paint = await network;
    const pictures = await translateTiled(blob, info, paint, async (share, tiles) => {
      await pause();
      if (stopped.has(id)) throw new DOMException("stopped", "AbortError");
      if (tiles > 1) tell({ text: `Translating ${tiles} pieces …`, share });
      else tell({ text: "Translating …" });
    });
    tell(pictures);
  } catch (error) {
    if (error instanceof UserError) tell({ error: error.message, retry: error.retry });
    else if (error.name === "AbortError") tell({ stopped: true });
    else tell({ error: `The network failed in this browser: ${error.message ?? error}` });
  } finally {
    stopped.delete(id);
  }
});

/** Let messages in: the network itself runs in one go. */
function pause() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

async function opened(info, tell) {
  try {
    return await session(info, tell);
  } catch (error) {
    network = null; // another try may succeed
    throw error;
  }
}

async function session({ model, size }, tell) {
  const content = await downloaded(model, tell);
  tell({ text: "Opening the network …", loading: true });
  ort.env.wasm.wasmPaths = {
    wasm: new URL("./runtime/ort-wasm-simd-threaded.wasm", import.meta.url).href,
  };
  // Threads share memory, which browsers allow on pages that are isolated from others alone.
  ort.env.wasm.numThreads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency || 1) : 1;
  const opened = await ort.InferenceSession.create(content, {
    executionProviders: ["wasm"],
    freeDimensionOverrides: { [model.batch]: 1 },
    logSeverityLevel: 3,
  });
  return async (tile) => {
    const channels = tile.length / (size[0] * size[1]);
    const pictures = new ort.Tensor("float32", tile, [1, ...size, channels]);
    const { [model.output]: painting } = await opened.run({ [model.input]: pictures });
    return { values: painting.data, channels: painting.dims[3] };
  };
}

async function downloaded({ file, bytes }, tell) {
  const content = new Uint8Array(bytes);
  let there = 0;
  try {
    const answer = await fetch(new URL(file, import.meta.url));
    if (!answer.ok) throw new Error(`${answer.status}`);
    const reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      content.set(value, there);
      there += value.length;
      tell({
        text: `Loading the network, ${Math.ceil(bytes / 1e6)}\u00a0MB\u00a0…`,
        share: there / bytes,
        loading: true,
      });
    }
    if (there !== bytes) throw new Error(`${there} of ${bytes} bytes came`);
  } catch (error) {
    throw new UserError(`The network's file ${file} cannot be loaded (${error.message}).`, {
      retry: true,
    });
  }
  return content;
}
