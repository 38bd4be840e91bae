// Tabs as the ARIA practices describe them: arrow keys move between them, one of them is in the tab order.

/**
 * @param {HTMLElement} list with `role="tablist"`.
 * @param {(id: string) => void} changed called with the id of the tab that was chosen.
 */
export function tabs(list, changed) {
  const all = [...list.querySelectorAll('[role="tab"]')];

  function choose(tab) {
    for (const one of all) {
      const chosen = one === tab;
      one.setAttribute("aria-selected", String(chosen));
      one.tabIndex = chosen ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !chosen;
    }
    changed(tab.id);
  }

  list.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) choose(tab);
  });
  list.addEventListener("keydown", (event) => {
    const here = all.indexOf(document.activeElement);
    const next = {
      ArrowRight: (here + 1) % all.length,
      ArrowLeft: (here + all.length - 1) % all.length,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all[next].focus();
    choose(all[next]);
  });
}
