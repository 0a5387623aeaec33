// The footprints of the changed gait, drawn as the sliders move, and what they show in words.

const STYLE = `:host { display: block; } p { font: 14px/1.4 system-ui, "Segoe UI", sans-serif; margin: 0; color: var(--mui-palette-text-primary, inherit); }`;

export function render({ model }) {
  const store = answersOf(model.store), text = made("p");
  let shown = null;

  function angleInWords(degrees) {
    const rounded = Number(degrees.toFixed(1));
    return rounded ? `${Math.abs(rounded).toFixed(1)}\u00b0 ${rounded > 0 ? "toe-out" : "toe-in"}` : "straight";
  }

  // The row of numbers of the change that is shown, or null for none.
  function row() {
    if (!shown || shown.unchanged || !model.layout.length) return null;
    const mixed = betweenNodes(new Float32Array(model.nodes), model.places, model.held, shown.values);
    return mixed ?? (model.direct.byteLength ? new Float32Array(model.direct) : null);
  }

  function paint() {
    const numbers = row(), { words } = model, columns = {}, found = { angles: [], width: [] };
    let start = 0;
    for (const { source, column, place, length } of model.layout) {
      const values = numbers ? Array.from(numbers.subarray(start, start + length)) : [];
      start += length;
      if (source in found) found[source] = values;
      else if (place === null) (columns[source] ??= {})[column] = values;
      else if (numbers) ((columns[source] ??= {})[column] ??= [])[place] = values;
      else (columns[source] ??= {})[column] ??= [];
    }
    // The table names the angle of the analysed foot and the step width; the figure says the same.
    const { feet = [], colours = [], labels = {} } = words;
    const angles = found.angles.map((angle, k) => (feet[k].side === model.side ? shown.peaks.foot_progression_angle_deg : angle));
    const width = numbers ? `${(100 * shown.peaks.step_width_m).toFixed(1)} cm` : "";
    for (const what of ["soles", "axes", "paths"]) if (columns[`modified_${what}`]) columns[`modified_${what}`].colour = numbers ? colours : [];
    columns.modified_labels = numbers
      ? { ...labels, text: [...angles.map((angle) => `modified ${angleInWords(angle)}`), `modified ${width}`] }
      : { across: [], along: [], text: [] };
    for (const [name, values] of Object.entries(columns)) {
      for (const source of sourcesNamed(`${model.store}-${name}`)) draw(source, values);
    }
    const said = feet.map(({ side, angle }, k) =>
      `${side[0].toUpperCase()}${side.slice(1)} foot ${angle}${numbers ? `, modified ${angleInWords(angles[k])}` : ""}.`);
    if (feet.length) said.push(`Step width ${words.width}${numbers ? `, modified ${width}` : ""}.`);
    text.textContent = said.join(" ");
  }

  const stop = store.follow((next) => {
    if (next.old) return;
    shown = next;
    paint();
  });
  model.on(["layout", "nodes", "direct", "words"], () => requestAnimationFrame(paint));
  model.on("remove", stop);
  return made("div", {}, made("style", {}, STYLE), text);
}
