// Answers in the browser: the loads of one leg while a slider moves. The page, the notebook and the saved file share it.
// All components of one view share an `Answers`, by its key. Changes are in shown units (degrees, centimetres).

const DEGREE = 3;
const MINUS = "\u2212";

function answersOf(key) {
  const all = (globalThis.kneeLoadAnswers ??= new Map());
  if (!all.has(key)) all.set(key, new Answers());
  return all.get(key);
}

// The four cubic B-splines that are not zero at a place, and the number of the first one.
function splinesAt(knots, place) {
  const last = knots.length - DEGREE - 2;
  const x = Math.min(Math.max(place, knots[DEGREE]), knots[last + 1]);
  let span = DEGREE;
  while (span < last && x >= knots[span + 1]) span++;
  const values = [1];
  for (let degree = 1; degree <= DEGREE; degree++) {
    let carried = 0;
    for (let r = 0; r < degree; r++) {
      const below = knots[span + 1 - degree + r], above = knots[span + 1 + r], share = values[r] / (above - below);
      values[r] = carried + (above - x) * share;
      carried = (x - below) * share;
    }
    values[degree] = carried;
  }
  return { first: span - DEGREE, values };
}

// Weights of the nodes of a grid, whose last axis varies fastest: [node, weight] each.
function nodeWeights(bases, counts) {
  let nodes = [[0, 1]];
  bases.forEach(({ first, values }, axis) => {
    nodes = nodes.flatMap(([node, weight]) => values.map((value, k) => [node * counts[axis] + first + k, weight * value]));
  });
  return nodes.filter(([, weight]) => weight !== 0);
}

// Polynomials through a few places (Lagrange), as weights for `nodeWeights`.
function polynomialsAt(places, x) {
  const values = places.map((own) => places.reduce((product, other) => (other === own ? product : product * ((x - other) / (own - other))), 1));
  return { first: 0, values };
}

function weightedSum(weights, rows, width) {
  const sum = new Float64Array(width);
  for (const [node, weight] of weights) {
    const start = node * width;
    for (let k = 0; k < width; k++) sum[k] += weight * rows[start + k];
  }
  return sum;
}

// Whether values lie within the reach of each change, and every other change is as it is held.
function within(values, reach, held) {
  return Object.entries(values).every(([name, value]) => (name in reach ? Math.abs(value) <= reach[name] + 1e-9 : value === (held[name] ?? 0)));
}

// A row of numbers for some values, mixed from the rows of nodes at a few places of each change; null beyond them.
function betweenNodes(rows, places, held, values) {
  const axes = Object.keys(places), reach = Object.fromEntries(axes.map((name) => [name, Math.max(...places[name])]));
  if (!rows?.length || !within(values, reach, held)) return null;
  const counts = axes.map((name) => places[name].length);
  const weights = nodeWeights(axes.map((name) => polynomialsAt(places[name], values[name] ?? 0)), counts);
  return weightedSum(weights, rows, rows.length / counts.reduce((one, other) => one * other, 1));
}

class Answers {
  constructor() {
    Object.assign(this, { leg: null, grid: null, direct: null, values: {}, shown: null, painted: 0 });
    this.followers = new Set();
    this.wanted = false;
  }

  // The leg: {instants, curves, peaks, words} of the natural gait; everything known of another leg is dropped.
  setLeg(leg) {
    Object.assign(this, { leg, grid: null, direct: null, shown: null });
    this.request();
  }

  // The splines: {axes: [{name, knots}], curves, peaks, curveValues, peakValues, held}, or null while there are none.
  setGrid(grid) {
    this.grid = grid;
    this.request();
  }

  // One answer of the server: {values, curves, peaks}, for what the splines do not cover.
  setDirect(direct) {
    this.direct = direct;
    this.request();
  }

  move(values) {
    this.values = { ...this.values, ...values };
    this.request();
  }

  // Is told what is shown with every picture; returns how to stop.
  follow(follower) {
    this.followers.add(follower);
    if (this.shown) follower(this.shown);
    return () => this.followers.delete(follower);
  }

  request() {
    if (this.wanted) return;
    this.wanted = true;
    requestAnimationFrame(() => {
      this.wanted = false;
      if (!this.leg) return;
      this.shown = this.answer();
      for (const follower of this.followers) follower(this.shown);
      this.painted += 1;
    });
  }

  answer() {
    const { leg, values } = this, unchanged = Object.values(values).every((value) => !value);
    const base = { leg, values, unchanged, old: false };
    if (unchanged) return { ...base, curves: leg.curves, peaks: leg.peaks };
    if (this.covers(values)) return { ...base, ...this.interpolated(values) };
    const { direct } = this, same = direct && Object.keys(values).every((name) => (direct.values[name] ?? 0) === values[name]);
    if (same) return { ...base, curves: direct.curves, peaks: direct.peaks };
    // The numbers of the question before stay in sight, marked as old.
    const before = this.shown?.leg === leg ? this.shown : { ...base, curves: leg.curves, peaks: leg.peaks };
    return { ...before, old: true };
  }

  covers(values) {
    const { grid } = this;
    if (!grid) return false;
    return within(values, Object.fromEntries(grid.axes.map(({ name, knots }) => [name, knots[knots.length - 1]])), grid.held);
  }

  interpolated(values) {
    const { grid, leg } = this, counts = grid.axes.map(({ knots }) => knots.length - DEGREE - 1);
    const weights = nodeWeights(grid.axes.map(({ name, knots }) => splinesAt(knots, values[name] ?? 0)), counts);
    const all = weightedSum(weights, grid.curveValues, grid.curves.length * leg.instants), curves = {}, peaks = {};
    grid.curves.forEach((name, c) => (curves[name] = all.subarray(c * leg.instants, (c + 1) * leg.instants)));
    weightedSum(weights, grid.peakValues, grid.peaks.length).forEach((value, k) => (peaks[grid.peaks[k]] = value));
    return { curves, peaks };
  }
}

// ---------------------------------------------------------------- words
// A number with its sign, a true minus, and no sign at zero; as `words.signed` in Python.
function signed(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return (Number(text) === 0 ? "" : value < 0 ? MINUS : "+") + text;
}

const plain = (value, digits) => (Number(value.toFixed(digits)) < 0 ? MINUS : "") + Math.abs(value).toFixed(digits);

// What a change is called; `levers` say how. As `str(Changes)` in Python.
function changeInWords(levers, values) {
  const said = levers.filter(({ name }) => values[name]).map((lever) => {
    const amount = `${Number(Math.abs(values[lever.name]).toFixed(6))}${lever.space}${lever.unit}`;
    return (values[lever.name] > 0 ? lever.more : lever.less).words.replace("{}", amount);
  });
  return said.length > 1 ? `${said.slice(0, -1).join(", ")} and ${said[said.length - 1]}` : said.join("");
}

// One quantity of the sentence; as `words.reading_in_words` in Python.
function readingInWords({ name, unit, peaks, clear }, change) {
  const several = peaks.length > 1, label = several ? `${name} peaks` : name;
  const clears = peaks.map((peak, k) => Math.abs(change(peak)) >= clear[k]);
  if (!clears.some(Boolean)) return `${label}: no clear change (${peaks.map((peak) => signed(change(peak), 2)).join(" and ")} ${unit})`;
  return `${label} ${peaks.map((peak, k) => signed(change(peak), 2) + (clears[k] ? "" : " (no clear change)")).join(" and ")} ${unit}`;
}

// The answer as a sentence; as `words.sentence` in Python.
function sentenceOf({ leg, values, unchanged, peaks }) {
  const { words } = leg;
  if (unchanged) return words.unchanged;
  const done = changeInWords(words.levers, values), change = (peak) => peaks[peak] - leg.peaks[peak];
  const said = words.readings
    .filter(({ always, peaks: names, clear }) => always || names.some((peak, k) => change(peak) >= clear[k]))
    .map((reading) => readingInWords(reading, change));
  return `${done[0].toUpperCase()}${done.slice(1)}: ${said.join("; ")}.`;
}

// ---------------------------------------------------------------- what is drawn
function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Sources of Bokeh's by their name: one in every document of this page that shows them.
function sourcesNamed(name) {
  return (globalThis.Bokeh?.documents ?? []).map((document) => document.get_model_by_name(name)).filter(Boolean);
}

// Writes columns in place and has them drawn: nothing of it goes to a server.
function draw(source, columns) {
  for (const [name, values] of Object.entries(columns)) source.data[name] = values;
  source.change.emit();
}

function drawCurves(source, shown) {
  const columns = {};
  for (const [name, curve] of Object.entries(shown.curves)) {
    if (`modified_${name}` in source.data) columns[`modified_${name}`] = Float64Array.from(curve);
  }
  draw(source, columns);
}

// Whether the change of a peak is inside its published test-retest error.
function belowNoise({ leg, peaks, unchanged }, { name, noise }) {
  const change = Math.abs(peaks[name] - leg.peaks[name]);
  return !unchanged && noise !== null && change > 0 && change < noise;
}

// The table of peaks: natural gait alone, or beside the changed one.
function tableOf(shown) {
  const { leg, peaks, unchanged } = shown, changed = !unchanged;
  const heads = ["Quantity", "Natural gait", ...(changed ? ["Modified gait", "Change", "%"] : []), "Unit"];
  const rows = leg.words.peaks.map((peak) => {
    const { name, label, unit, digits, percent } = peak;
    const recorded = leg.peaks[name], change = peaks[name] - recorded, cells = [plain(recorded, digits)];
    if (changed) {
      const below = belowNoise(shown, peak) ? " \u2021" : "";
      const share = percent && recorded ? signed((100 * change) / Math.abs(recorded), 0) : "";
      cells.push(plain(peaks[name], digits), signed(change, digits) + below, share);
    }
    return made("tr", {}, made("th", { scope: "row" }, label), ...[...cells, unit].map((text) => made("td", {}, text)));
  });
  const head = made("tr", {}, ...heads.map((text) => made("th", { scope: "col" }, text)));
  const caption = made("caption", {}, leg.words.caption);
  return made("table", {}, caption, made("thead", {}, head), made("tbody", {}, ...rows));
}

// The four numbers that matter, as tiles.
function tilesOf(shown) {
  const { leg, peaks, unchanged } = shown;
  return leg.words.readings.map(({ name, unit, peaks: names, clear }) => {
    const numbers = names.map((peak, k) => {
      const change = peaks[peak] - leg.peaks[peak], small = unchanged || Math.abs(change) < clear[k];
      const way = small ? "same" : change > 0 ? "up" : "down";
      return made("div", { class: `number ${way}` },
        made("b", {}, unchanged ? plain(peaks[peak], 2) : signed(change, 2)),
        made("small", {}, unchanged ? "" : small ? "no clear change" : `${plain(leg.peaks[peak], 2)} \u2192 ${plain(peaks[peak], 2)}`));
    });
    const peak = names.length > 1 ? "1st and 2nd peak" : "peak";
    return made("div", { class: "tile" }, made("span", {}, `${name[0].toUpperCase()}${name.slice(1)}, ${peak} (${unit})`), made("div", { class: "numbers" }, ...numbers));
  });
}
