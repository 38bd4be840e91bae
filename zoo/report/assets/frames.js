// The same held-out pictures through time: a slider over the epochs.

const PAUSE = 350;
let playing = 0;

function frames(root, given) {
  const slider = root.querySelector("#epoch");
  if (!slider || !given) return;
  const { columns, frames: all, pictures } = given;
  const play = root.querySelector("#play");
  const place = root.querySelector(".frames");
  const lastIndex = all.length - 1;
  // A reader who looks at the last frame follows the run.
  const wanted = kept("epoch", null);
  const found = all.findLastIndex(({ epoch }) => wanted !== null && epoch <= wanted);
  slider.value = String(wanted === null || found < 0 ? lastIndex : found);

  // Where there is room, two examples stand in a line, each below its labels.
  const beside = all[lastIndex].pictures.length > 1;
  place.classList.toggle("two", beside);
  for (const which of columns.length ? ["labels", ...(beside ? ["labels second"] : [])] : []) {
    const labels = element("div", which);
    labels.append(...columns.map((label) => element("span", "", label)));
    place.append(labels);
  }
  const images = all[lastIndex].pictures.map((row, number) => {
    const line = element("div");
    const made = row.map((index, column) =>
      picture(pictures[index], columns.length ? `${columns[column]}, example ${number + 1}` : "Held-out pictures"),
    );
    line.append(...made);
    place.append(line);
    return made;
  });
  place.style.setProperty("--columns", Math.max(1, columns.length));

  function show() {
    const { epoch, pictures: rows } = all[Number(slider.value)];
    const text = epoch === 0 ? "before training" : `after epoch ${epoch}`;
    root.querySelector("#epoch-value").textContent = text;
    slider.setAttribute("aria-valuetext", text);
    rows.forEach((row, number) =>
      row.forEach((index, column) => {
        const image = images[number]?.[column];
        if (image && image.src !== pictures[index]) image.src = pictures[index];
      }),
    );
  }

  function stop() {
    clearInterval(playing);
    playing = 0;
    play.setAttribute("aria-pressed", "false");
    play.textContent = "Play";
  }

  slider.addEventListener("input", () => {
    stop();
    keep("epoch", Number(slider.value) === lastIndex ? null : all[Number(slider.value)].epoch);
    show();
  });
  play.disabled = lastIndex === 0;
  play.addEventListener("click", () => {
    if (playing) return stop();
    if (Number(slider.value) === lastIndex) slider.value = "0";
    play.setAttribute("aria-pressed", "true");
    play.textContent = "Stop";
    playing = setInterval(() => {
      slider.value = String(Number(slider.value) + 1);
      keep("epoch", Number(slider.value) === lastIndex ? null : all[Number(slider.value)].epoch);
      show();
      if (Number(slider.value) === lastIndex) stop();
    }, PAUSE);
    return show();
  });
  stop();
  show();
}
