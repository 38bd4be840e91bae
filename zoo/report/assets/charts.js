// Curves over the epochs, by uPlot: hover, zoom, logarithmic axes, smoothing, series that can be hidden.

const HALF_SEEN = 0.3;
const SYNC = "epochs";
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000];
// What draws the charts anew, in other colours.
let painters = [];

/** An exponential moving average without the bias of its start; gaps stay gaps. */
function smoothed(values, factor) {
  let sum = 0;
  let weight = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = factor * sum + (1 - factor) * value;
    weight = factor * weight + (1 - factor);
    return sum / weight;
  });
}

/** The axes of a chart in the colours of the page, with what differs of x, and the `filter` of y's lines if it has one. */
function axes(x, y = {}) {
  const common = {
    stroke: colour("quiet"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: colour("line"), width: 1 },
    ticks: { stroke: colour("line"), width: 1, size: 4 },
  };
  return [
    { ...common, grid: { show: false }, size: 28, ...x },
    {
      ...common,
      grid: { ...common.grid, ...y },
      ticks: { ...common.ticks, ...y },
      size: 56,
      gap: 4,
      space: 36,
      values: (_, splits) => splits.map((value) => (value === null ? "" : tick(value))),
      ...y,
    },
  ];
}

/** A number at an axis. */
function tick(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return Number(value.toPrecision(3)).toExponential().replace("e+", "e");
  return String(Number(value.toPrecision(6)));
}

/**
 * Draw the charts of a page.
 * @param {HTMLElement} root
 * @param {{epochs: number[], charts: {title: string, log: boolean, series: {label: string, values: (number | null)[],
 *   colour?: number}[]}[]}} given
 */
function curves(root, { epochs, charts }) {
  const slider = root.querySelector("#smoothing");
  if (!slider) return;
  slider.value = kept("smoothing", "0");
  const drawn = charts.map((chart, index) => curve(root.querySelector(`[data-chart="${index}"]`), chart, epochs));
  const smooth = () => {
    keep("smoothing", slider.value);
    root.querySelector("#smoothing-value").textContent = slider.value === "0" ? "off" : Number(slider.value).toFixed(2);
    drawn.forEach((one) => one.draw());
  };
  slider.addEventListener("input", smooth);
  smooth();
  painters.push(...drawn.map(({ draw }) => draw));
}

function curve(figure, chart, epochs) {
  const place = figure.querySelector(".plot");
  const log = figure.querySelector(".log");
  const reset = figure.querySelector(".reset");
  const legend = figure.querySelector(".legend");
  const name = (what) => `${what} of ${chart.title}`;
  const positive = chart.series.some(({ values }) => values.some((value) => value > 0));
  const at = element("li", "at");
  const [first, last] = [epochs[0], epochs[epochs.length - 1]];
  let logarithmic = positive && kept(name("log"), chart.log);
  let plot = null;

  const entries = chart.series.map((series, index) => {
    const button = element("button");
    const mark = element("i");
    const value = element("b");
    button.type = "button";
    mark.style.setProperty("--colour", `var(--c${(series.colour ?? index) % 8})`);
    button.append(mark, `${series.label} `, value);
    button.setAttribute("aria-pressed", String(kept(name(series.label), true)));
    button.addEventListener("click", () => {
      const seen = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(seen));
      keep(name(series.label), seen);
      draw();
    });
    return { button, value };
  });
  legend.replaceChildren(
    ...entries.map(({ button }) => {
      const item = element("li");
      item.append(button);
      return item;
    }),
    at,
  );
  log.disabled = !positive;
  log.addEventListener("click", () => {
    logarithmic = !logarithmic;
    keep(name("log"), logarithmic);
    draw();
  });
  reset.addEventListener("click", () => {
    keep("zoom", null);
    uPlot.sync(SYNC).plots.forEach((one) => one.setScale("x", { min: first, max: last }));
  });

  /** The values under the pointer, or the last ones. */
  function tell(index) {
    const here = index ?? epochs.length - 1;
    at.textContent = index === null || index === undefined ? "" : `epoch ${epochs[index]}`;
    entries.forEach(({ value }, number) => {
      const { values } = chart.series[number];
      const latest = values.findLast((one) => one !== null);
      value.textContent = told(index === null || index === undefined ? latest : values[here]);
    });
  }

  function draw() {
    const factor = Number(kept("smoothing", "0"));
    const zoom = kept("zoom", null);
    const data = [epochs];
    const series = [{}];
    log.setAttribute("aria-pressed", String(logarithmic));
    chart.series.forEach((item, index) => {
      const show = kept(name(item.label), true);
      const stroke = colour(`c${(item.colour ?? index) % 8}`);
      const values = logarithmic ? item.values.map((value) => (value > 0 ? value : null)) : item.values;
      const points = { show: epochs.length < 20, size: 5, fill: stroke };
      if (factor > 0) {
        data.push(values);
        series.push({ stroke, width: 1, alpha: HALF_SEEN, show, spanGaps: true, points: { show: false } });
      }
      data.push(factor > 0 ? smoothed(values, factor) : values);
      series.push({ stroke, width: 2, show, spanGaps: true, points: factor > 0 ? { show: false } : points });
    });
    plot?.destroy();
    plot = new uPlot(
      {
        width: place.clientWidth,
        height: place.clientHeight,
        legend: { show: false },
        padding: [10, 12, 0, 0],
        scales: {
          x: { time: false, range: (_, low, high) => (low === high ? [low - 1, high + 1] : [low, high]) },
          y: logarithmic ? { distr: 3, range: aroundLog } : { range: around },
        },
        axes: axes({ incrs: WHOLE, space: 40 }, logarithmic ? { filter: fewOfLog } : {}),
        series,
        cursor: {
          sync: { key: SYNC },
          drag: { x: true, y: false },
          points: { size: 7 },
          y: false,
          bind: { dblclick: (self, target, handler) => (event) => (keep("zoom", null), handler(event)) },
        },
        hooks: {
          setCursor: [(self) => tell(self.cursor.idx)],
          setScale: [
            (self, key) => {
              if (key !== "x") return;
              const { min, max } = self.scales.x;
              const whole = epochs.length < 2 || (min <= first && max >= last);
              reset.hidden = whole;
              if (!whole) keep("zoom", { min, max });
            },
          ],
        },
      },
      data,
      place,
    );
    if (zoom && epochs.length > 1) plot.setScale("x", zoom);
    plot.over.addEventListener("touchmove", ({ touches: [touch] }) => {
      const { left, top } = plot.over.getBoundingClientRect();
      plot.setCursor({ left: touch.clientX - left, top: touch.clientY - top });
    }, { passive: true });
    tell(null);
  }

  place.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const index = Math.min(epochs.length - 1, Math.max(0, (plot.cursor.idx ?? epochs.length - 1) + step));
    plot.setCursor({ left: plot.valToPos(epochs[index], "x"), top: 10 });
  });
  resized(place, () => plot);
  return { draw };
}

/** The values and a little more on both sides; room around one value alone. */
function around(_, low, high) {
  if (low === null) return [0, 1];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** The same on a logarithmic axis, from and to a number of one digit: uPlot counts its ticks from there. */
function aroundLog(_, low, high) {
  if (low === null || low <= 0) return [0.1, 1];
  const below = 10 ** Math.floor(Math.log10(low * 0.98));
  const above = 10 ** Math.floor(Math.log10(high * 1.02));
  return [Math.floor((low * 0.98) / below) * below, Math.ceil((high * 1.02) / above) * above];
}

/** Of the lines of a logarithmic axis those that can be told apart: fewer the more powers of ten there are. */
function fewOfLog(_, splits) {
  const decades = Math.log10(splits[splits.length - 1] / splits[0]);
  const digits = decades < 1.2 ? [1, 2, 3, 4, 5, 6, 8] : decades < 2.6 ? [1, 2, 5] : [1];
  return splits.map((value) => (digits.includes(Number(value.toExponential(3)[0])) ? value : null));
}

/** Bars of the error in bins of brightness. */
function bars(root, given) {
  const place = root.querySelector(".bars .plot");
  if (!place || !given) return;
  const { edges, values, pictures = [] } = given;
  const readout = root.querySelector(".bars .readout");
  const middles = values.map((_, index) => (edges[index] + edges[index + 1]) / 2);
  const say = (index) => {
    const count = pictures[index] === undefined ? "" : `, ${told(pictures[index])} pictures`;
    readout.textContent =
      index === null || index === undefined
        ? ""
        : `brightness ${told(edges[index])} to ${told(edges[index + 1])}: ${told(values[index])}${count}`;
  };
  let plot = null;
  function draw() {
    const stroke = colour("high");
    plot?.destroy();
    plot = new uPlot(
      {
        width: place.clientWidth,
        height: place.clientHeight,
        legend: { show: false },
        padding: [10, 12, 0, 0],
        scales: {
          x: { time: false, range: [edges[0], edges[edges.length - 1]] },
          y: { range: (_, low, high) => [0, (high || 1) * 1.08] },
        },
        axes: axes({ values: (_, splits) => splits.map(tick) }),
        series: [
          {},
          { stroke, fill: stroke, width: 0, paths: uPlot.paths.bars({ size: [0.86, 80] }), points: { show: false } },
        ],
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
        hooks: { setCursor: [(self) => say(self.cursor.idx)] },
      },
      [middles, values],
      place,
    );
  }
  draw();
  painters.push(draw);
  resized(place, () => plot);
}

/** Keep a chart as large as its place. */
function resized(place, plot) {
  new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = place;
    const chart = plot();
    if (chart && width && (width !== chart.width || height !== chart.height)) chart.setSize({ width, height });
  }).observe(place);
}

/** Follow the reader's choice of light and dark; the charts are drawn in the colours of the page. */
function repaintOnChange() {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => painters.forEach((draw) => draw()));
}
