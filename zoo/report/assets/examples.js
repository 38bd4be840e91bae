// Held-out examples: one is compared, the others are chosen by their small pictures.

const SIDES = { source: "Source", translated: "Translated", target: "Target", difference: "Difference" };
const PAIRS = [
  ["source", "translated"],
  ["translated", "target"],
  ["translated", "difference"],
];

async function examples(root, given) {
  const place = root.querySelector("#examples");
  if (!place || !given) return;
  const { items, pictures } = given;
  const compare = place.querySelector(".compare");
  const frame = comparison(compare);
  const split = compare.querySelector("input");
  const views = place.querySelector(".views");
  const lists = place.querySelector(".thumbnails");
  split.value = kept("split", split.value);
  split.addEventListener("input", () => keep("split", split.value));

  const pairs = PAIRS.filter((pair) => pair.every((side) => items.some((item) => item[side] !== null)));
  const choices = pairs.map((pair) => {
    const button = element("button", "small", pair.map((side) => SIDES[side]).join(" | "));
    button.type = "button";
    button.setAttribute("role", "radio");
    button.addEventListener("click", () => (keep("pair", pair.join()), show()));
    return { button, pair };
  });
  views.replaceChildren(...choices.map(({ button }) => button));
  views.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const here = choices.findIndex(({ button }) => button === document.activeElement);
    const { button } = choices[(here + step + choices.length) % choices.length];
    button.click();
    button.focus();
  });

  const buttons = items.map((item, index) => {
    const button = element("button", "thumbnail");
    button.type = "button";
    button.title = item.name;
    button.append(picture(pictures[item.translated], `${item.rank}: ${item.name}`), element("span", "", item.primary || item.name));
    button.addEventListener("click", () => (keep("example", item.name), show()));
    return { button, item, index };
  });
  for (const rank of new Set(items.map((item) => item.rank))) {
    const group = element("div");
    const list = element("ul");
    for (const { button } of buttons.filter(({ item }) => item.rank === rank)) {
      const line = element("li");
      line.append(button);
      list.append(line);
    }
    group.append(element("h3", "", rank), list);
    lists.append(group);
  }

  async function show() {
    const item = items.find(({ name }) => name === kept("example", items[0].name)) ?? items[0];
    const wanted = kept("pair", "");
    const { pair } = choices.find((one) => one.pair.join() === wanted) ?? choices[0] ?? { pair: ["source", "translated"] };
    for (const { button, pair: own } of choices) {
      button.setAttribute("aria-checked", String(own === pair));
      button.tabIndex = own === pair ? 0 : -1;
    }
    for (const { button, item: own } of buttons) button.setAttribute("aria-pressed", String(own === item));
    const [left, right] = pair;
    for (const [side, name] of [["before", left], ["after", right]]) {
      compare.querySelector(`.${side} figcaption`).textContent = SIDES[name];
      compare.querySelector(`.${side} img`).alt = `${SIDES[name]}, ${item.name}`;
    }
    place.querySelector(".caption").textContent = [`${item.rank}: ${item.name}`, ...item.figures].join(" · ");
    const address = (side) => (item[side] === null ? null : pictures[item[side]]);
    await frame.show(address(left), address(right) ?? address("translated"));
  }
  return show();
}
