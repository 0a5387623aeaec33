// A place to drop files on, or to choose them: all files of one drop are sent together, piece by piece, each piece after
// the server has taken the one before.

const PIECE = 1 << 20; // bytes

const STYLE = `
  .drop { border: 2px dashed var(--line, #8A93A0); border-radius: 8px; padding: 10px 14px; display: flex; flex-wrap: wrap;
    gap: 4px 12px; align-items: center; font: 14px/1.4 system-ui, "Segoe UI", sans-serif; box-sizing: border-box;
    color: var(--mui-palette-text-primary, inherit); }
  .drop.over { border-style: solid; border-color: var(--mui-palette-primary-main, #0072b5); }
  label { font-weight: 600; }
  input { font: inherit; max-width: 100%; color: inherit; }
  input:focus-visible { outline: 3px solid var(--mui-palette-primary-main, #0072b5); outline-offset: 2px; }
  output { flex-basis: 100%; overflow-wrap: anywhere; } output:empty { display: none; }
`;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function render({ model }) {
  const input = element("input", { type: "file", multiple: "", id: "files" });
  const output = element("output", { for: "files" });
  const root = element("div", { class: "drop" }, element("style", {}, STYLE),
    element("label", { for: "files" }, model.label), input, output);
  let batch = 0, waiting = null;

  function taken() {
    waiting?.();
    waiting = null;
  }

  async function send(message) {
    const answered = new Promise((resolve) => { waiting = resolve; });
    model.send_msg(message);
    await answered;
  }

  async function sendAll(files) {
    const mine = (batch = Math.max(batch, model.batch) + 1), total = files.reduce((sum, file) => sum + file.size, 0);
    let sent = 0;
    const names = files.map((file) => file.name).join(", ");
    await send({ kind: "begin", batch: mine, files: files.map((file) => ({ name: file.name, size: file.size })) });
    for (const [place, file] of files.entries()) {
      for (let start = 0; start === 0 || start < file.size; start += PIECE) {
        if (batch !== mine || model.refused === mine) { // another drop has come, or these are not wanted
          if (batch === mine) output.textContent = "";
          return;
        }
        output.textContent = `Sending ${names}: ${total ? Math.round((100 * sent) / total) : 0} %`;
        const data = await file.slice(start, start + PIECE).arrayBuffer();
        await send({ kind: "piece", batch: mine, file: place, last: start + PIECE >= file.size, data });
        sent += data.byteLength;
      }
    }
    output.textContent = "";
  }

  function take(list) {
    const files = [...list];
    if (!files.length) return;
    sendAll(files).catch((error) => { output.textContent = `The files cannot be sent: ${error.message}`; });
  }

  input.addEventListener("change", () => {
    take(input.files);
    input.value = ""; // the same file may be chosen again
  });
  for (const kind of ["dragenter", "dragover"]) {
    root.addEventListener(kind, (event) => {
      event.preventDefault();
      root.classList.add("over");
    });
  }
  root.addEventListener("dragleave", () => root.classList.remove("over"));
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    root.classList.remove("over");
    take(event.dataTransfer.files);
  });
  model.on("taken", taken);
  return root;
}
