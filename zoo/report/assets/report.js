// The report: everything on it is started from the data that it holds, and started anew when a run goes on.

const PERIOD = 1000;

function start(root) {
  const data = JSON.parse(root.querySelector("#data").textContent);
  painters = [];
  for (const details of root.querySelectorAll("details[id]")) {
    details.open = kept(`open ${details.id}`, details.open);
    details.addEventListener("toggle", () => keep(`open ${details.id}`, details.open));
  }
  frames(root, data.frames);
  curves(root, { epochs: data.epochs, charts: data.curves });
  bars(root, data.brightness);
  heat(root);
  return examples(root, data.examples);
}

/** Put what a run has become in the place of what it was; what the reader has set and sees stays. */
async function renew(version) {
  const text = await (await fetch("report.html", { cache: "no-store" })).text();
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const place = document.activeElement?.id;
  const { scrollX, scrollY } = window;
  const main = document.adoptNode(fresh.querySelector("main"));
  main.style.minHeight = `${document.querySelector("main").offsetHeight}px`;
  document.querySelector("main").replaceWith(main);
  version.content = fresh.querySelector('meta[name="zoo-version"]').content;
  await start(main);
  main.style.minHeight = "";
  scrollTo(scrollX, scrollY);
  if (place) document.getElementById(place)?.focus({ preventScroll: true });
}

/** Ask now and then whether the run has changed. */
async function follow(version) {
  const state = await stateOfRun();
  try {
    // Nothing is taken away from under a finger.
    if (state && !held && state.version !== version.content) await renew(version);
  } finally {
    const pill = document.getElementById("live");
    pill.classList.toggle("gone", !state);
    pill.textContent = state ? "live" : "not followed any more";
    setTimeout(() => follow(version), PERIOD);
  }
}

/** What the server says of the run; null where there is none any more. */
async function stateOfRun() {
  try {
    return await (await fetch("state", { cache: "no-store" })).json();
  } catch {
    return null;
  }
}

let held = false;
addEventListener("pointerdown", () => (held = true));
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (held = false));

start(document.querySelector("main"));
repaintOnChange();
const watched = document.querySelector('meta[name="zoo-version"]');
if (watched) follow(watched);
