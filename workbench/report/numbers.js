// The answer in numbers and words, following the sliders within the browser: one of a sentence, tiles or a table.

const STYLE = `
  :host { display: block; }
  .numbers-view { font: 14px/1.4 system-ui, "Segoe UI", sans-serif; color: var(--mui-palette-text-primary, inherit); transition: opacity 0.15s; }
  .old { opacity: 0.45; }
  .waiting { font-weight: 600; margin: 0; min-height: 1.4em; }
  .sentence { font-size: var(--sentence-size, 18px); line-height: 1.35; margin: 0; min-height: 2.7em; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  .note { margin: 6px 8px; }
  caption { text-align: left; padding: 2px 8px 6px; }
  th, td { padding: 3px 8px; text-align: right; white-space: nowrap; }
  thead th { border-bottom: 1px solid rgba(128, 128, 128, 0.6); } th { font-weight: 600; }
  tbody th { font-weight: 400; } th:first-child { text-align: left; }
  tbody tr { border-bottom: 1px solid rgba(128, 128, 128, 0.2); }
  .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 8px; }
  .tile { border: 1px solid rgba(128, 128, 128, 0.45); border-radius: 8px; padding: 6px 10px; }
  .tile > span { font-size: 13px; }
  .tile .numbers { display: flex; gap: 18px; }
  .number b { display: block; font-size: 21px; line-height: 1.25; font-variant-numeric: tabular-nums; }
  .number small { font-size: 12.5px; white-space: nowrap; }
  .number.same b { font-weight: 400; opacity: 0.75; }
`;

export function render({ model }) {
  const store = answersOf(model.store);
  const view = made("div", { class: `numbers-view ${model.part}` });
  const root = made("div", {}, made("style", {}, STYLE), view);
  const parts = {
    sentence: (shown) => sentence(shown),
    tiles: (shown) => [made("div", { class: "tiles" }, ...tilesOf(shown))],
    table: (shown) => [tableOf(shown), made("p", { class: "note" }, [...notes(shown), shown.leg.words.estimated, shown.leg.words.disclaimer].join(" "))],
  };
  const spoken = made("p", { class: "sentence", role: "status" }, model.waiting);
  if (model.part === "sentence") view.append(spoken);

  // The same text is not written again: screen readers would read it again.
  function sentence(shown) {
    const text = shown.old ? "The numbers below are of the question before; the new answer is being solved\u2026" : sentenceOf(shown);
    if (spoken.textContent !== text) spoken.textContent = text;
    return null;
  }

  const notes = (shown) => shown.leg.words.peaks.filter((peak) => belowNoise(shown, peak)).map(({ note }) => note);

  const stop = store.follow((shown) => {
    const content = parts[model.part](shown);
    if (content) view.replaceChildren(...content);
    view.classList.toggle("old", shown.old && model.part !== "sentence");
  });
  model.on("remove", stop);
  return root;
}
