// The sliders. Everything that shows a change follows them within the browser; the server hears where they came to rest.

const STYLE = `
  :host { display: block; }
  .levers { display: flex; flex-wrap: wrap; gap: 6px 28px; align-items: end; font: 15px/1.3 system-ui, "Segoe UI", sans-serif;
    color: var(--mui-palette-text-primary, inherit); }
  .lever { flex: 1 1 320px; min-width: 0; max-width: 620px; display: grid; grid-template-columns: auto 1fr auto; gap: 0 10px; align-items: center; }
  .lever label { grid-column: 1 / 3; font-weight: 600; }
  .lever output { text-align: right; font-variant-numeric: tabular-nums; font-weight: 600; white-space: nowrap; }
  .lever small { white-space: nowrap; }
  input[type="range"] { width: 100%; height: 32px; margin: 0; accent-color: var(--mui-palette-primary-main, #1F77B4); cursor: pointer; touch-action: pan-y; }
  .buttons { display: flex; flex-wrap: wrap; gap: 6px; flex: 0 1 auto; }
  button { font: inherit; font-size: 14px; color: inherit; background: transparent; border: 1px solid currentColor; border-radius: 6px;
    padding: 4px 10px; min-height: 34px; cursor: pointer; white-space: nowrap; }
  button:hover:enabled { background: rgba(128, 128, 128, 0.18); }
  button:disabled { opacity: 0.4; cursor: default; }
  :is(input, button):focus-visible { outline: 3px solid var(--mui-palette-primary-main, #1F77B4); outline-offset: 2px; }
  details { flex: 1 1 100%; } summary { cursor: pointer; }
  details .levers { margin-top: 6px; }
`;
const REST_MS = 150;

export function render({ model }) {
  const store = answersOf(model.store), inputs = new Map();
  const main = made("div", { class: "levers", role: "group", "aria-label": "Change of gait" });
  const root = made("div", {}, made("style", {}, STYLE), main);
  const undo = button("Undo", () => step(past, future)), redo = button("Redo", () => step(future, past));
  const past = [], future = [];
  let rested = {}, timer = null, held = false;

  function button(label, act) {
    const one = made("button", { type: "button" }, label);
    one.addEventListener("click", act);
    return one;
  }

  // ---- sliders
  function build() {
    inputs.clear();
    const live = model.levers.filter(({ name }) => model.live.includes(name));
    const others = model.levers.filter(({ name }) => !model.live.includes(name));
    const presets = model.presets.map(({ label, values }) => button(label, () => choose(values)));
    const reset = button("Reset", () => choose(Object.fromEntries(model.levers.map(({ name }) => [name, 0]))));
    main.replaceChildren(...live.map(lever), made("div", { class: "buttons" }, ...presets, reset, undo, redo));
    if (others.length) {
      main.append(made("details", {}, made("summary", {}, "More changes"), made("div", { class: "levers" }, ...others.map(lever))));
    }
    read();
  }

  function lever(one) {
    const { name, label, reach, step: stepped, less, more } = one, id = `${model.store}-${name}`;
    const input = made("input", { type: "range", id, min: -reach, max: reach, step: stepped, "aria-label": `${less.name} / ${more.name}` });
    const output = made("output", { for: id });
    input.addEventListener("input", () => moved(name, Number(input.value)));
    input.addEventListener("pointerdown", () => (held = true));
    for (const end of ["pointerup", "pointercancel"]) input.addEventListener(end, () => { held = false; rest(); });
    input.addEventListener("dblclick", () => choose({ [name]: 0 }));
    inputs.set(name, { input, output, one });
    const heading = made("label", { for: id }, `${label[0].toUpperCase()}${label.slice(1)}`);
    return made("div", { class: "lever" }, heading, output, made("small", {}, less.name), input, made("small", {}, more.name));
  }

  function write() {
    for (const [name, { input, output, one }] of inputs) {
      const value = store.values[name] ?? 0;
      if (Number(input.value) !== value) input.value = value;
      const said = changeInWords([one], store.values) || "as recorded";
      output.textContent = said;
      input.setAttribute("aria-valuetext", said);
    }
    undo.disabled = !past.length;
    redo.disabled = !future.length;
  }

  function moved(name, value) {
    store.move({ [name]: value });
    write();
    rest();
  }

  function choose(values) {
    store.move(values);
    write();
    settle();
  }

  // ---- at rest
  function rest() {
    clearTimeout(timer);
    timer = setTimeout(() => held || settle(), REST_MS);
  }

  const same = (one, other) => model.levers.every(({ name }) => (one[name] ?? 0) === (other[name] ?? 0));

  function settle() {
    clearTimeout(timer);
    if (same(store.values, rested)) return;
    past.push(rested);
    future.length = 0;
    tell();
  }

  function tell() {
    rested = { ...store.values };
    model.values = { ...rested };
    write();
  }

  function step(from, to) {
    if (!from.length) return;
    to.push({ ...rested });
    store.move(from.pop());
    tell();
  }

  // ---- from the server. Several properties come with one message; they are read together, after the last of them.
  let reading = false, leg = null, grid = null, curves = null, peaks = null, direct = null;
  function outdated() {
    if (reading) return;
    reading = true;
    requestAnimationFrame(() => {
      reading = false;
      read();
    });
  }

  // The numbers of a grid may come after its description.
  function complete() {
    if (!grid.axes || !leg?.instants) return false;
    const nodes = grid.axes.reduce((count, { knots }) => count * (knots.length - DEGREE - 1), 1);
    return curves.byteLength === 4 * nodes * grid.curves.length * leg.instants && peaks.byteLength === 4 * nodes * grid.peaks.length;
  }

  function read() {
    if (model.leg !== leg) {
      leg = model.leg;
      grid = curves = peaks = direct = null;
      if (leg.curves) store.setLeg(leg);
    }
    if (model.grid !== grid || model.curves !== curves || model.peaks !== peaks) {
      ({ grid, curves, peaks } = model);
      store.setGrid(complete() ? { ...grid, curveValues: new Float32Array(curves), peakValues: new Float32Array(peaks) } : null);
    }
    if (model.direct !== direct) {
      direct = model.direct;
      store.setDirect(direct.curves ? direct : null);
    }
    if (!held && !same(model.values, rested)) {
      if (Object.keys(rested).length) past.push(rested);
      rested = { ...model.values };
      store.move(rested);
    }
    write();
  }

  store.follow((shown) => {
    const sources = sourcesNamed(model.source);
    sources.forEach((source) => drawCurves(source, shown));
    if (!sources.length) setTimeout(() => store.request(), 200); // the charts come later
  });
  for (const name of ["leg", "grid", "curves", "peaks", "direct", "values"]) model.on(name, outdated);
  for (const name of ["levers", "live"]) model.on(name, build);
  build();
  return root;
}
