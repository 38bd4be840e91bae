// The right-hand side: what is under way, what came of it, what went wrong.

import { compare } from "./comparison.js";
import { bytes, sides } from "./formatting.js";

const find = (id) => document.getElementById(id);
const PARTS = ["trouble", "busy", "compare", "note", "empty", "done", "views"];
const ENDINGS = { "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/tiff": ".tif" };

/** @param {{stop: () => void, again: () => void, token: (given: string) => void}} react */
export function outcome(react) {
  const frame = compare(find("compare"));
  let addresses = [];
  let finished = false;

  find("stop").addEventListener("click", react.stop);
  find("again").addEventListener("click", react.again);
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
    if (!find("outcome").hasAttribute("aria-busy")) {
      only("busy", ...kept.filter((part) => part !== "trouble"));
      find("outcome").setAttribute("aria-busy", "true");
      find("outcome").classList.toggle("kept", finished);
      bringIntoView();
    }
    find("busy-text").textContent = text;
    find("busy-share").hidden = share === undefined;
    if (share !== undefined) find("busy-share").value = share;
    else say(text);
  }

  function settle() {
    find("outcome").removeAttribute("aria-busy");
  }

  function idle(text) {
    settle();
    find("busy").hidden = find("trouble").hidden = true;
    find("empty").hidden = finished;
    say(text);
  }

  function trouble(error) {
    settle();
    finished = false;
    only("trouble");
    find("trouble-text").textContent = error.message;
    find("again").hidden = !error.again;
    find("token-form").hidden = !error.token;
    say("");
    if (error.token) find("token").focus();
    bringIntoView();
  }

  /**
   * Show a source and its translation.
   * @param {{pictures: [Blob, Blob], result: Blob, name: string, time: string, from?: string}} given both as people see
   *   them, the translation's file, the name of the source's file, and the size that it was shrunk from.
   */
  async function done({ pictures, result, name, time, from }) {
    const old = addresses;
    addresses = [...pictures, result].map((blob) => URL.createObjectURL(blob));
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
      bytes(result.size),
    ]
      .filter(Boolean)
      .join(" · ");
    find("download").href = file;
    find("download").download = `${stem(name)}-translated${ENDINGS[result.type.split(";")[0]] ?? ""}`;
    say(`${time}.`);
    bringIntoView();
  }

  return { busy, idle, trouble, done, finished: () => finished };
}

function stem(name) {
  return name.replace(/\.[^.]*$/, "") || "picture";
}

/** On a narrow screen the outcome lies below the fold. */
function bringIntoView() {
  const { top } = find("outcome").getBoundingClientRect();
  if (top < innerHeight * 0.6 && top >= 0) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  find("outcome").scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
}
