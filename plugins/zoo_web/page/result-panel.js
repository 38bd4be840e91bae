// The right-hand side: what is under way, what came of it, what went wrong.

import { comparison } from "./comparison.js";
import { find } from "./dom.js";
import { bytes, sides } from "./formatting.js";

const PARTS = ["error", "busy", "compare", "note", "empty", "done", "views"];
const ENDINGS = { "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/tiff": ".tif" };

/** @param {{stop: () => void, retry: () => void, token: (given: string) => void}} react */
export function resultPanel(react) {
  const frame = comparison(find("compare"));
  let addresses = [];
  let finished = false;

  find("stop").addEventListener("click", react.stop);
  find("retry").addEventListener("click", react.retry);
  find("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    react.token(find("token").value.trim());
  });
  for (const input of document.querySelectorAll('input[name="view"]')) {
    input.addEventListener("change", () => frame.view(input.value));
  }

  function only(...parts) {
    for (const part of PARTS) find(part).hidden = !parts.includes(part);
  }

  function say(text) {
    if (find("status").textContent !== text) find("status").textContent = text;
  }

  function busy(text, share) {
    // The last translation stays, dimmed, and this lies on it: nothing jumps.
    const kept = finished ? PARTS.filter((part) => !find(part).hidden) : ["empty"];
    if (!find("result").hasAttribute("aria-busy")) {
      only("busy", ...kept.filter((part) => part !== "error"));
      find("result").setAttribute("aria-busy", "true");
      find("result").classList.toggle("kept", finished);
      bringIntoView();
    }
    find("busy-text").textContent = text;
    find("busy-share").hidden = share === undefined;
    if (share !== undefined) find("busy-share").value = share;
    else say(text);
  }

  function settle() {
    find("result").removeAttribute("aria-busy");
  }

  function idle(text) {
    settle();
    find("busy").hidden = find("error").hidden = true;
    find("empty").hidden = finished;
    say(text);
  }

  function failed(error) {
    settle();
    finished = false;
    only("error");
    find("error-text").textContent = error.message;
    find("retry").hidden = !error.retry;
    find("token-form").hidden = !error.token;
    say("");
    if (error.token) find("token").focus();
    bringIntoView();
  }

  /**
   * Show a source and its translation.
   * @param {{pictures: [Blob, Blob], translation: Blob, name: string, time: string, from?: string}} given both as people see
   *   them, the translation's file, the name of the source's file, and the size that it was shrunk from.
   */
  async function done({ pictures, translation, name, time, from }) {
    const old = addresses;
    addresses = [...pictures, translation].map((blob) => URL.createObjectURL(blob));
    const [before, after, file] = addresses;
    const size = await frame.show(before, after);
    old.forEach((address) => URL.revokeObjectURL(address));
    settle();
    finished = true;
    const alone = find("compare").classList.contains("alone");
    only("done", size ? "compare" : "note", ...(size && !alone ? ["views"] : []));
    if (!size) {
      find("note").textContent = "Browsers cannot show files of this kind; it can be downloaded.";
    } else if (alone) {
      find("note").textContent = "This browser cannot show the source; the translation is below.";
      find("note").hidden = false;
    }
    find("facts").textContent = [
      time,
      size && sides(size.width, size.height) + (from ? `, shrunk from ${from}` : ""),
      bytes(translation.size),
    ]
      .filter(Boolean)
      .join(" · ");
    find("download").href = file;
    find("download").download = `${stem(name)}-translated${ENDINGS[translation.type.split(";")[0]] ?? ""}`;
    say(`${time}.`);
    bringIntoView();
  }

  return { busy, idle, failed, done, finished: () => finished };
}

function stem(name) {
  return name.replace(/\.[^.]*$/, "") || "picture";
}

/** On a narrow screen the result lies below the fold. */
function bringIntoView() {
  const { top } = find("result").getBoundingClientRect();
  if (top < innerHeight * 0.6 && top >= 0) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  find("result").scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
}
