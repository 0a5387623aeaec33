// The body view: a small WebGL2 renderer of its own. Surfaces come once, the poses of a whole stride with each answer;
// frames, camera and playing are the browser's business. Axes: X progression, Y up, Z to the right; metres.

// Its text is appended to `report/browser.js`.

const SIDES = ["left", "right"];
const VIEWS = { oblique: "Oblique", front: "Front", side: "Side", top: "Top", knee: "Knee" };
const HELP = "Arrow keys rotate, plus and minus zoom, 1 to 5 choose a view, space plays or pauses, comma and full stop step.";

// ---------------------------------------------------------------- vectors and 4 x 4 matrices (column by column)
const add = (a, b, k = 1) => a.map((v, i) => v + k * b[i]);
const scaled = (a, k) => a.map((v) => v * k);
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = (a) => scaled(a, 1 / (Math.hypot(...a) || 1));
const mix = (a, b, t) => a.map((v, i) => v + t * (b[i] - v));
const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

function turn([w, x, y, z], v) {
  const t = scaled(cross([x, y, z], v), 2);
  return add(add(v, t, w), cross([x, y, z], t));
}

function times(a, b) {
  const c = new Float32Array(16);
  for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) for (let k = 0; k < 4; k++) c[4 * j + i] += a[4 * k + i] * b[4 * j + k];
  return c;
}

function perspective(fov, aspect, near, far) {
  const f = 1 / Math.tan(fov / 2);
  return new Float32Array([f / aspect, 0, 0, 0, 0, f, 0, 0, 0, 0, (far + near) / (near - far), -1, 0, 0, (2 * far * near) / (near - far), 0]);
}

function frameOf(x, y, z, origin) {
  return new Float32Array([...x, 0, ...y, 0, ...z, 0, ...origin, 1]);
}

function colour(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255);
}

function onScale(scale, value) {
  const at = clamp(value, 0, 1) * (scale.length - 1);
  const k = Math.min(Math.floor(at), scale.length - 2);
  return mix(colour(scale[k]), colour(scale[k + 1]), at - k);
}

// ---------------------------------------------------------------- shaders
const LIGHT = `
  vec3 lit(vec3 base, vec3 n, vec3 v) {
    float key = max(dot(n, normalize(v + vec3(0.0, 0.9, 0.0) + 0.5 * cross(v, vec3(0.0, 1.0, 0.0)))), 0.0);
    float sky = 0.5 + 0.5 * n.y;
    float edge = pow(1.0 - max(dot(n, v), 0.0), 3.0);
    return base * (0.34 + 0.24 * sky + 0.50 * key) * (1.0 - 0.35 * edge);
  }`;

const bodyShader = (count) => [
  `#version 300 es
  layout(location = 0) in vec3 position;
  layout(location = 1) in vec3 normal;
  layout(location = 2) in float body;
  uniform vec4 pose[${2 * count}];
  uniform vec4 tint[${count}]; // the last number tells whether the body is drawn
  uniform mat4 camera;
  uniform float ground, flatten;
  out vec3 vNormal, vPlace, vTint;
  vec3 turn(vec4 q, vec3 v) { vec3 t = 2.0 * cross(q.yzw, v); return v + q.x * t + cross(q.yzw, t); }
  void main() {
    int k = int(body + 0.5);
    vPlace = turn(pose[2 * k], position) + pose[2 * k + 1].xyz;
    vNormal = turn(pose[2 * k], normal);
    vTint = tint[k].rgb;
    vPlace.xz += flatten * vec2(-0.10, 0.14) * (vPlace.y - ground);
    vPlace.y = mix(vPlace.y, ground + 0.002, flatten);
    gl_Position = tint[k].a > 0.0 ? camera * vec4(vPlace, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  }`,
  `#version 300 es
  precision highp float;
  in vec3 vNormal, vPlace, vTint;
  uniform vec3 eye;
  uniform vec4 veil; // colour and strength of ghost and shadow
  uniform int style; // 0 solid, 1 ghost, 2 shadow
  out vec4 shade;
  ${LIGHT}
  void main() {
    vec3 n = normalize(vNormal), v = normalize(eye - vPlace);
    if (style == 0) shade = vec4(lit(vTint, n, v), 1.0);
    else if (style == 1) shade = vec4(veil.rgb, veil.a * mix(0.34, 1.0, pow(1.0 - abs(dot(n, v)), 1.5)));
    else shade = veil;
  }`,
];

const THING = [
  `#version 300 es
  layout(location = 0) in vec3 position;
  layout(location = 1) in vec3 normal;
  uniform mat4 camera, place;
  out vec3 vNormal, vPlace;
  void main() {
    vPlace = (place * vec4(position, 1.0)).xyz;
    vNormal = transpose(inverse(mat3(place))) * normal;
    gl_Position = camera * vec4(vPlace, 1.0);
  }`,
  `#version 300 es
  precision highp float;
  in vec3 vNormal, vPlace;
  uniform vec3 eye;
  uniform vec4 paint;
  out vec4 shade;
  ${LIGHT}
  void main() { shade = vec4(lit(paint.rgb, normalize(vNormal), normalize(eye - vPlace)) * 1.12, paint.a); }`,
];

const GROUND = [
  `#version 300 es
  uniform mat4 camera;
  uniform vec3 middle;
  out vec2 vPlace;
  void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    vPlace = middle.xz + 2.2 * corner;
    gl_Position = camera * vec4(vPlace.x, middle.y, vPlace.y, 1.0);
  }`,
  `#version 300 es
  precision highp float;
  in vec2 vPlace;
  uniform vec3 middle, ink;
  out vec4 shade;
  float lines(float step) {
    vec2 at = vPlace / step, width = fwidth(at);
    vec2 near = abs(fract(at - 0.5) - 0.5) / max(width, vec2(1e-5));
    return 1.0 - min(min(near.x, near.y), 1.0);
  }
  void main() {
    float fade = 1.0 - smoothstep(0.5, 2.1, distance(vPlace, middle.xz));
    shade = vec4(ink, fade * (0.12 + 0.88 * max(lines(0.5), 0.35 * lines(0.1))));
  }`,
];

// A solid of revolution about Y from (radius, height) points; each stretch keeps its own normals.
function lathe(profile, smooth, around = 28) {
  const data = [], index = [];
  profile.slice(1).forEach(([r1, y1], k) => {
    const [r0, y0] = profile[k];
    const start = data.length / 6, slope = unit([y1 - y0, r0 - r1, 0]);
    for (let i = 0; i <= around; i++) {
      const a = (2 * Math.PI * i) / around, c = Math.cos(a), s = Math.sin(a);
      for (const [r, y] of [[r0, y0], [r1, y1]]) {
        const n = smooth ? unit([r * c, y, r * s]) : [slope[0] * c, slope[1], slope[0] * s];
        data.push(r * c, y, r * s, ...n);
      }
      const at = start + 2 * i;
      if (i < around) index.push(at, at + 1, at + 2, at + 1, at + 3, at + 2);
    }
  });
  return { data: new Float32Array(data), index: new Uint16Array(index) };
}

const SHAPES = {
  cylinder: lathe([[0, 0], [1, 0], [1, 1], [0, 1]], false),
  cone: lathe([[0, 0], [1, 0], [0, 1]], false),
  ball: lathe(Array.from({ length: 15 }, (_, i) => [Math.sin((i * Math.PI) / 14), -Math.cos((i * Math.PI) / 14)]), true),
};

// ---------------------------------------------------------------- renderer: everything that lives on the graphics card
class Renderer {
  constructor(gl) {
    this.gl = gl;
    this.things = this.program(...THING);
    this.groundProgram = this.program(...GROUND);
    this.nothing = gl.createVertexArray();
    this.shapes = Object.fromEntries(Object.entries(SHAPES).map(([name, s]) => [name, this.mesh(s.data, s.index, 24, gl.FLOAT)]));
    gl.enable(gl.DEPTH_TEST);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  program(vertex, fragment) {
    const { gl } = this, program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(program));
    const uniforms = {};
    for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i++) {
      const name = gl.getActiveUniform(program, i).name.replace("[0]", "");
      uniforms[name] = gl.getUniformLocation(program, name);
    }
    return { program, uniforms };
  }

  mesh(data, index, stride, normalType) {
    const { gl } = this, array = gl.createVertexArray();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, index, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, stride, 0);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(1, 3, normalType, true, stride, 12);
    if (stride === 16) {
      gl.enableVertexAttribArray(2);
      gl.vertexAttribPointer(2, 1, gl.UNSIGNED_BYTE, false, stride, 15);
    }
    gl.bindVertexArray(null);
    return { array, count: index.length, type: index instanceof Uint16Array ? gl.UNSIGNED_SHORT : gl.UNSIGNED_INT };
  }

  setBody(vertices, triangles, count) {
    if (this.body) {
      this.gl.deleteVertexArray(this.body.array);
      this.gl.deleteProgram(this.bodies.program);
    }
    this.body = this.mesh(new Uint8Array(vertices), new Uint32Array(triangles), 16, this.gl.BYTE);
    this.bodies = this.program(...bodyShader(count));
  }

  drawMesh({ array, count, type }) {
    this.gl.bindVertexArray(array);
    this.gl.drawElements(this.gl.TRIANGLES, count, type, 0);
  }

  // One picture of a shot {camera, eye, middle, ground} into a rectangle of the canvas.
  draw(rectangle, shot, show) {
    const { gl } = this;
    gl.viewport(...rectangle);
    gl.scissor(...rectangle);
    gl.enable(gl.SCISSOR_TEST);
    gl.depthMask(true);
    gl.colorMask(true, true, true, true);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT | gl.STENCIL_BUFFER_BIT);
    if (show.shadow) {
      this.drawGround(shot, show);
      if (!show.coarse) this.drawShadow(shot, show);
    }
    gl.disable(gl.BLEND);
    this.drawBodies(shot, show.solid, 0, show.tint);
    show.compartments.forEach((one) => this.drawCompartment(shot, one));
    show.arrows.forEach((arrow) => this.drawArrow(shot, arrow));
    if (show.ghost) this.drawGhost(shot, show);
  }

  drawGround(shot, show) {
    const { gl } = this, { program, uniforms } = this.groundProgram;
    gl.useProgram(program);
    gl.uniformMatrix4fv(uniforms.camera, false, shot.camera);
    gl.uniform3fv(uniforms.middle, [shot.middle[0], show.ground, shot.middle[2]]);
    gl.uniform3fv(uniforms.ink, show.line);
    gl.bindVertexArray(this.nothing);
    gl.enable(gl.BLEND);
    gl.depthMask(false);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.depthMask(true);
  }

  drawShadow(shot, show) {
    const { gl } = this;
    gl.enable(gl.STENCIL_TEST); // each spot is darkened once
    gl.stencilFunc(gl.EQUAL, 0, 255);
    gl.stencilOp(gl.KEEP, gl.KEEP, gl.INCR);
    gl.depthMask(false);
    this.drawBodies(shot, show.solid, 2, show.tint, show.shadow);
    gl.depthMask(true);
    gl.disable(gl.STENCIL_TEST);
  }

  drawGhost(shot, show) {
    const { gl } = this;
    gl.enable(gl.POLYGON_OFFSET_FILL); // where both walks coincide the solid one is seen
    gl.polygonOffset(1, 400);
    gl.colorMask(false, false, false, false); // only its nearest surface
    this.drawBodies(shot, show.ghost, 1, show.tint, show.veil);
    gl.colorMask(true, true, true, true);
    gl.enable(gl.BLEND);
    gl.depthFunc(gl.LEQUAL);
    this.drawBodies(shot, show.ghost, 1, show.tint, show.veil);
    gl.depthFunc(gl.LESS);
    gl.disable(gl.POLYGON_OFFSET_FILL);
  }

  drawBodies(shot, pose, style, tint, veil = [0, 0, 0, 0]) {
    const { gl } = this, { program, uniforms } = this.bodies;
    gl.useProgram(program);
    gl.uniformMatrix4fv(uniforms.camera, false, shot.camera);
    gl.uniform3fv(uniforms.eye, shot.eye);
    gl.uniform4fv(uniforms.pose, pose);
    gl.uniform4fv(uniforms.tint, tint);
    gl.uniform4fv(uniforms.veil, veil);
    gl.uniform1i(uniforms.style, style);
    gl.uniform1f(uniforms.flatten, style === 2 ? 1 : 0);
    gl.uniform1f(uniforms.ground, shot.ground);
    this.drawMesh(this.body);
  }

  drawThing(shot, shape, place, paint) {
    const { gl } = this, { program, uniforms } = this.things;
    gl.useProgram(program);
    gl.uniformMatrix4fv(uniforms.camera, false, shot.camera);
    gl.uniformMatrix4fv(uniforms.place, false, place);
    gl.uniform3fv(uniforms.eye, shot.eye);
    gl.uniform4fv(uniforms.paint, paint);
    this.drawMesh(this.shapes[shape]);
  }

  // A cushion on the tibial plateau; faintly seen through the bone in front of it.
  drawCompartment(shot, { quaternion, centre, paint }) {
    const [x, y, z] = [[0.023, 0, 0], [0, 0.0075, 0], [0, 0, 0.0175]].map((axis) => turn(quaternion, axis));
    const place = frameOf(x, y, z, centre);
    this.drawThing(shot, "ball", place, [...paint, 1]);
    this.drawBehind(() => this.drawThing(shot, "ball", place, [...paint, 0.35]));
  }

  drawBehind(draw) {
    const { gl } = this;
    gl.enable(gl.BLEND);
    gl.depthFunc(gl.GREATER);
    gl.depthMask(false);
    draw();
    gl.depthMask(true);
    gl.depthFunc(gl.LESS);
    gl.disable(gl.BLEND);
  }

  // Faintly seen through what is in front of it, as a compartment is.
  drawArrow(shot, { point, vector, paint }) {
    const length = Math.hypot(...vector);
    if (length < 0.01) return;
    const y = unit(vector), x = unit(cross(y, Math.abs(y[0]) < 0.9 ? [1, 0, 0] : [0, 0, 1])), z = cross(x, y);
    const head = Math.min(0.09, 0.5 * length), neck = add(point, y, length - head);
    const shaft = frameOf(scaled(x, 0.010), scaled(y, length - head), scaled(z, 0.010), point);
    const tip = frameOf(scaled(x, 0.028), scaled(y, head), scaled(z, 0.028), neck);
    this.drawThing(shot, "cylinder", shaft, paint);
    this.drawThing(shot, "cone", tip, paint);
    this.drawBehind(() => {
      this.drawThing(shot, "cylinder", shaft, [...paint.slice(0, 3), 0.4]);
      this.drawThing(shot, "cone", tip, [...paint.slice(0, 3), 0.4]);
    });
  }

  release() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

// ---------------------------------------------------------------- camera
class Camera {
  constructor() {
    Object.assign(this, { azimuth: 0.6, elevation: 0.14, zoom: 1, knee: false });
  }

  set(view, side) {
    const quarter = Math.PI / 2, outwards = side === "left" ? -1 : 1;
    const [azimuth, elevation] = {
      oblique: [0.6 * outwards, 0.14],
      front: [0, 0.03],
      side: [quarter * outwards, 0.03],
      top: [Math.PI, quarter],
      knee: [0, 0.12],
    }[view];
    Object.assign(this, { azimuth, elevation, zoom: 1, knee: view === "knee" });
  }

  // Direction from what is looked at to the eye, and upwards in the picture.
  axes() {
    const [ca, sa, ce, se] = [Math.cos(this.azimuth), Math.sin(this.azimuth), Math.cos(this.elevation), Math.sin(this.elevation)];
    return [[ce * ca, se, ce * sa], [-se * ca, ce, -se * sa]];
  }

  shot(target, size, aspect, ground) {
    const fov = 0.42, [back, up] = this.axes(), right = cross(up, back);
    const distance = (size / this.zoom / 2 / Math.tan(fov / 2)) * Math.max(1, 0.62 / aspect);
    const eye = add(target, back, distance);
    const view = new Float32Array([
      right[0], up[0], back[0], 0, right[1], up[1], back[1], 0, right[2], up[2], back[2], 0,
      -dot(right, eye), -dot(up, eye), -dot(back, eye), 1,
    ]);
    const camera = times(perspective(fov, aspect, 0.08 * distance, 4 * distance + 4), view);
    return { camera, eye, middle: target, ground };
  }
}

// ---------------------------------------------------------------- the motion of a stride
class Track {
  constructor(buffer, bodies, instants) {
    this.rows = new Float32Array(buffer);
    this.width = 7 * bodies + 14;
    this.bodies = bodies;
    this.instants = instants;
    if (this.rows.length !== this.width * instants) throw new Error("the poses do not fit the surfaces");
  }

  // Pose uniforms, arrows and loads at a percentage of the stride, between instants by straight interpolation.
  at(percent) {
    const place = clamp(percent / 100, 0, 1) * (this.instants - 1);
    const k = Math.min(Math.floor(place), this.instants - 2), t = place - k, { width, rows } = this;
    const row = rows.slice(k * width, (k + 1) * width);
    for (let i = 0; i < width; i++) row[i] += t * (rows[(k + 1) * width + i] - row[i]);
    const pose = new Float32Array(8 * this.bodies);
    for (let b = 0; b < this.bodies; b++) {
      const q = row.subarray(7 * b, 7 * b + 4), length = Math.hypot(...q);
      for (let i = 0; i < 4; i++) pose[8 * b + i] = q[i] / length;
      pose.set(row.subarray(7 * b + 4, 7 * b + 7), 8 * b + 4);
    }
    const rest = row.subarray(7 * this.bodies);
    const arrows = SIDES.map((side, s) => ({ side, point: [...rest.slice(6 * s, 6 * s + 3)], vector: [...rest.slice(6 * s + 3, 6 * s + 6)] }));
    return { pose, arrows, loads: [rest[12], rest[13]] };
  }
}

const quaternionOf = (pose, body) => [...pose.slice(8 * body, 8 * body + 4)];
const originOf = (pose, body) => [...pose.slice(8 * body + 4, 8 * body + 7)];

// ---------------------------------------------------------------- what surrounds the picture
const STYLE = `
  .view { position: relative; width: 100%; height: 100%; min-height: 240px; overflow: hidden; border-radius: 8px;
    background: var(--background); color: var(--text); font: 14px/1.35 system-ui, "Segoe UI", sans-serif;
    display: flex; flex-direction: column; box-sizing: border-box; }
  .stage { position: relative; flex: 1 1 0; min-height: 0; }
  canvas { position: absolute; inset: 0; width: 100%; height: 100%; display: block; touch-action: none; cursor: grab; }
  canvas:active { cursor: grabbing; }
  :is(canvas, button, input):focus-visible { outline: 3px solid var(--right); outline-offset: -3px; }
  .views, .transport { display: flex; gap: 4px; align-items: center; padding: 8px; flex-wrap: wrap; }
  .views { position: absolute; top: 0; left: 0; }
  button { font: inherit; color: var(--text); background: var(--background); border: 1px solid var(--line);
    border-radius: 6px; padding: 3px 10px; cursor: pointer; min-height: 28px; }
  button:hover { border-color: var(--muted); }
  button[aria-pressed="true"] { background: var(--text); color: var(--background); border-color: var(--text); }
  .transport { border-top: 1px solid var(--line); flex-wrap: nowrap; }
  .transport button { min-width: 66px; }
  .transport input { flex: 1; min-width: 60px; accent-color: var(--right); height: 28px; }
  .transport output { min-width: 9.5em; text-align: right; font-variant-numeric: tabular-nums; color: var(--muted); }
  .key { position: absolute; top: 8px; right: 10px; pointer-events: none; text-align: right; max-width: 46%; }
  .key div { display: flex; gap: 7px; justify-content: flex-end; align-items: center; }
  .key i { width: 14px; height: 14px; border-radius: 4px; flex: none; }
  .knee { position: absolute; right: 10px; bottom: 10px; pointer-events: none; text-align: center; }
  .knee .window { border: 1px solid var(--line); border-radius: 8px; box-sizing: border-box; }
  .knee .title { color: var(--muted); }
  .knee .loads { display: grid; grid-template-columns: 1fr 1fr; font-variant-numeric: tabular-nums; margin-top: 2px; }
  .knee b { display: block; font-size: 18px; font-weight: 600; line-height: 1.2; }
  .knee small, .scale small { color: var(--muted); font-size: 12.5px; }
  .scale { position: absolute; left: 10px; bottom: 10px; width: 190px; pointer-events: none; }
  .scale .bar { height: 10px; border-radius: 3px; margin: 2px 0; border: 1px solid var(--line); }
  .scale div:last-child { display: flex; justify-content: space-between; font-variant-numeric: tabular-nums; }
  .message { margin: auto; padding: 24px; max-width: 34em; text-align: center; }
  [hidden] { display: none !important; }
`;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// ---------------------------------------------------------------- the component
export function render({ model }) {
  const canvas = element("canvas", { tabindex: "0", role: "application", "aria-roledescription": "body view" });
  const gl = canvas.getContext("webgl2", { antialias: true, alpha: true, stencil: true });
  const root = element("div", { class: "view" });
  root.append(element("style", {}, STYLE));
  if (!gl) {
    root.append(element("p", { class: "message", role: "status" },
      "The body view needs WebGL 2, which is unavailable or switched off in this browser. " +
      "The curves and the footprints show the same walk."));
    paintSurface(root, model);
    model.on("dark", () => paintSurface(root, model));
    return root;
  }

  const buttons = Object.entries(VIEWS).map(([name, label]) => {
    const button = element("button", { type: "button", "aria-pressed": "false" }, label);
    button.addEventListener("click", () => choose(name));
    return button;
  });
  const legend = element("div", { class: "key" });
  const title = element("div", { class: "title" }), loads = element("div", { class: "loads" });
  const hole = element("div", { class: "window" }), inset = element("div", { class: "knee" }, title, hole, loads);
  const bar = element("div", { class: "bar" }), limits = element("div");
  const scale = element("div", { class: "scale" }, element("small", {}, "Contact force (body weight)"), bar, limits);
  const play = element("button", { type: "button" }, "Play");
  const slider = element("input", { type: "range", min: "0", max: "100", step: "0.5", "aria-label": "Percent of the stride" });
  const reading = element("output");
  const stage = element("div", { class: "stage" }, canvas, element("div", { class: "views", role: "group", "aria-label": "Camera" }, ...buttons),
    legend, scale, inset);
  root.append(stage, element("div", { class: "transport" }, play, slider, reading));

  const camera = new Camera();
  const stale = { body: true, tracks: true, live: true };
  const store = model.store ? answersOf(model.store) : null;
  let nodes = null, shown = null;
  let renderer = null, recorded = null, modified = null, box = null, wanted = false, released = false;
  let chosen = model.view, side = null, frame = model.frame, clock = null, pace = 16, coarse = false, written = 0, flight = null;

  // ---- from the model
  function outdated(what) {
    stale[what] = true;
    request();
  }

  // One message sets several of its properties one after the other; they are read together before the next picture.
  function refresh() {
    if (!renderer) renderer = new Renderer(gl);
    if (stale.body && model.vertices?.byteLength) renderer.setBody(model.vertices, model.triangles, model.bodies.names.length);
    if (stale.body || stale.tracks) {
      recorded = track(model.recorded);
      nodes = model.nodes?.byteLength ? new Float32Array(model.nodes) : null;
      box = recorded && extent(recorded);
      if (recorded && side !== model.stride.side) camera.set(chosen, (side = model.stride.side));
    }
    if (stale.body || stale.tracks || stale.live) {
      const before = modified;
      modified = recorded && modifiedTrack();
      if (stale.body || stale.tracks || Boolean(before) !== Boolean(modified)) relabel();
    }
    stale.body = stale.tracks = stale.live = false;
  }

  // The modified walk: between the nodes where they cover the change, else as the server solved it.
  function modifiedTrack() {
    if (!store || !shown) return track(model.modified);
    if (shown.unchanged) return null;
    const rows = betweenNodes(nodes, model.node_places, model.node_held, shown.values);
    if (!rows) return track(model.modified);
    const { instants } = model.stride, width = rows.length / instants;
    const loads = ["medial_contact_force_bw", "lateral_contact_force_bw"].map((name) => shown.curves[name]);
    for (let k = 0; k < instants; k++) loads.forEach((curve, c) => (rows[(k + 1) * width - 2 + c] = curve[k]));
    return new Track(rows, model.bodies.names.length, instants);
  }

  function track(buffer) {
    const count = model.bodies.names?.length;
    return buffer?.byteLength && count ? new Track(buffer, count, model.stride.instants) : null;
  }

  // Height of the figure and its mean path, from the origins of the bodies and what sticks out of them.
  function extent(motion) {
    const first = motion.at(0).pose, last = motion.at(100).pose;
    const vertices = new DataView(model.vertices);
    let top = -Infinity;
    for (let i = 0; i < vertices.byteLength; i += 16) {
      const b = vertices.getUint8(i + 15), p = [0, 4, 8].map((o) => vertices.getFloat32(i + o, true));
      top = Math.max(top, turn(quaternionOf(first, b), p)[1] + first[8 * b + 5]);
    }
    return { height: top - model.stride.ground, start: originOf(first, 0), end: originOf(last, 0) };
  }

  function relabel() {
    paintSurface(root, model);
    const { palette } = model, both = modified && model.recorded_visible;
    bar.style.background = `linear-gradient(to right, ${palette.scale.join(",")})`;
    limits.replaceChildren(...[0, model.force_limit_bw / 2, model.force_limit_bw].map((v, i) => element("span", {}, i === 2 ? `${v}+` : `${v}`)));
    const rows = [[palette.left, "left"], [palette.right, "right"]], markers = model.stride.what === "markers";
    if (both) rows.push([`${palette.recorded}99`, "natural gait"]);
    if (model.forces_visible && !markers) rows.push([palette.force, "ground force"]);
    legend.replaceChildren(...rows.map(([c, text]) => element("div", {}, text, element("i", { style: `background:${c}` }))));
    const walk = markers ? "markers as recorded" : "natural gait";
    const what = modified ? "modified gait, solid" + (both ? ", over the natural gait, faint" : "") : walk;
    canvas.setAttribute("aria-label", recorded ? `Body view: ${what}. ${HELP}` : "Body view: nothing to show yet.");
    title.textContent = side ? `${side} knee from the front` : "";
    buttons.forEach((button, i) => {
      const name = Object.keys(VIEWS)[i];
      button.setAttribute("aria-pressed", String(name === model.view));
      button.hidden = markers && name === "knee";
    });
    play.textContent = model.playing ? "Pause" : "Play";
    request();
  }

  // ---- time
  function setFrame(value, now) {
    frame = value;
    if (!model.playing || (now - written > 80 && model.stride.what !== "markers")) {
      written = now;
      model.frame = Math.round(10 * value) / 10;
    }
    request();
  }

  function togglePlaying() {
    model.playing = !model.playing;
  }

  function onPlaying() {
    clock = null;
    coarse = false;
    pace = 16;
    if (!model.playing) setFrame(frame, performance.now());
    relabel();
  }

  function onFrame() {
    // While playing, what comes back is our own past or that of another view of the same walk.
    const apart = Math.abs(model.frame - frame);
    if (!model.playing || Math.min(apart, 100 - apart) > 6) frame = model.frame;
    request();
  }

  // While a slider moves, slow graphics draw fewer pixels and no shadow; the picture at rest is sharp again.
  let movedAt = -Infinity, atRest = null;
  function lighten(now) {
    const pause = now - movedAt;
    if (pause > 40 && pause < 250) coarse = true;
    movedAt = now;
    clearTimeout(atRest);
    atRest = setTimeout(() => {
      coarse = coarse && model.playing;
      request();
    }, 250);
  }

  // ---- drawing
  function request() {
    if (!wanted && !released) {
      wanted = true;
      requestAnimationFrame(draw);
    }
  }

  function draw(now) {
    wanted = false;
    if (!canvas.isConnected) { // drawn again when the page takes it back: its size changes then
      clock = null;
      return;
    }
    if (!gl.isContextLost()) refresh();
    if (model.playing && recorded) {
      // Where the graphics are slow, playing goes smoothly at fewer pixels; the picture at rest is sharp again.
      if (clock !== null) pace += 0.2 * (now - clock - pace);
      coarse ||= pace > 45;
      if (clock !== null) setFrame((frame + (100 * model.speed * (now - clock)) / 1000 / model.stride.duration) % 100, now);
      clock = now;
      // The processor is busy with the import while markers are shown: points need no smooth picture.
      if (model.stride.what === "markers") setTimeout(request, 66);
      else request();
    }
    slider.value = frame;
    slider.setAttribute("aria-valuetext", `${frame.toFixed(0)} percent`);
    reading.textContent = `${frame.toFixed(0)} % of ${model.stride.what ? "the recording" : model.stride.whole === false ? "stance" : "the stride"}`;
    if (gl.isContextLost() || !resize()) return;
    picture(now);
  }

  function resize() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2) * (coarse ? 0.6 : 1);
    const [width, height] = [stage.clientWidth, stage.clientHeight].map((v) => Math.round(v * ratio));
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    return width > 0 && height > 0;
  }

  function picture(now) {
    const ready = renderer.body && recorded;
    for (const part of [legend, scale, inset]) part.hidden = !ready || (part !== legend && !model.bodies.knees[side]);
    if (!ready) {
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      return;
    }
    fly(now);
    const past = recorded.at(frame), present = modified ? modified.at(frame) : past;
    const show = content(past, present, Boolean(modified) && model.recorded_visible);
    const { ground } = model.stride, knee = model.bodies.knees[side] && kneeCentre(present);
    const [width, height] = [canvas.width, canvas.height], path = mix(box.start, box.end, frame / 100);
    const target = camera.knee && knee ? knee : [path[0], ground + (knee ? 0.23 : 0.49) * box.height, path[2]];
    const size = camera.knee && knee ? 0.24 * box.height : (camera.elevation > 1.2 ? 0.8 : knee ? 0.86 : 1.13) * box.height;
    renderer.draw([0, 0, width, height], camera.shot(target, size, width / height, ground), show);
    if (knee) closeUp(show, knee, past, present);
  }

  // The analysed knee from the front, in a corner of the picture.
  function closeUp(show, knee, past, present) {
    const edge = Math.round(clamp(0.34 * Math.min(stage.clientWidth, stage.clientHeight), 190, 300));
    inset.hidden = stage.clientWidth < 440;
    hole.hidden = camera.knee || stage.clientHeight < 380;
    inset.style.width = `${edge}px`;
    hole.style.height = `${Math.round(0.7 * edge)}px`;
    readLoads(past.loads, present.loads);
    if (inset.hidden || hole.hidden) return;
    const ratio = canvas.width / stage.clientWidth, front = new Camera();
    front.set("front", side);
    const shot = front.shot(knee, 0.085 * box.height, 1 / 0.7, model.stride.ground);
    const [at, from] = [hole.getBoundingClientRect(), canvas.getBoundingClientRect()];
    const rectangle = [at.left - from.left, from.bottom - at.bottom, at.width, at.height].map((v) => Math.round(v * ratio));
    renderer.draw(rectangle, shot, { ...show, arrows: [], ghost: null, shadow: null });
  }

  function readLoads(past, present) {
    const medialFirst = side === "right" ? [1, 0] : [0, 1]; // as they lie when looked at from the front
    const text = (value) => (Number.isFinite(value) ? value.toFixed(2) : "–");
    loads.replaceChildren(...medialFirst.map((c) => {
      const recordedToo = modified ? element("small", {}, `natural ${text(past[c])}`) : "";
      return element("span", {}, element("small", {}, ["medial", "lateral"][c]), element("b", {}, `${text(present[c])} BW`), recordedToo);
    }));
  }

  function kneeCentre({ pose }) {
    const { body, medial, lateral } = model.bodies.knees[side];
    return add(originOf(pose, body), turn(quaternionOf(pose, body), scaled(add(medial, lateral), 0.5)));
  }

  function content(past, present, ghost) {
    const { palette, stride, bodies } = model, surface = palette[model.dark ? "dark" : "light"];
    const bone = colour(surface.bone), knee = bodies.knees[side], ink = colour(surface.text);
    const fromAbove = camera.elevation > 1.2; // the trunk would hide the feet
    const tint = new Float32Array(bodies.sides.flatMap((half, b) => [
      ...(half ? mix(bone, colour(palette[half]), 0.62) : bone), bodies.legs[b] || !fromAbove ? 1 : 0,
    ]));
    const compartments = knee ? [knee.medial, knee.lateral].map((centre, c) => ({
      quaternion: quaternionOf(present.pose, knee.body),
      centre: add(originOf(present.pose, knee.body), turn(quaternionOf(present.pose, knee.body), centre)),
      paint: Number.isFinite(present.loads[c]) ? onScale(palette.scale, present.loads[c] / model.force_limit_bw) : colour(surface.muted),
    })) : []; // markers have none
    const arrows = [];
    if (model.forces_visible) {
      for (const arrow of present.arrows) arrows.push({ ...arrow, paint: [...colour(palette.force), 1] });
      if (ghost) for (const arrow of past.arrows) arrows.push({ ...arrow, paint: [...colour(palette.recorded), 1] });
    }
    return {
      coarse, solid: present.pose, ghost: ghost ? past.pose : null, tint, compartments, arrows, ground: stride.ground,
      line: colour(surface.line), shadow: [...(model.dark ? [0, 0, 0] : ink), model.dark ? 0.45 : 0.16],
      veil: [...mix(colour(palette.recorded), ink, model.dark ? 0.35 : 0.25), 0.85],
    };
  }

  // ---- camera
  function choose(view) {
    const from = { ...camera };
    camera.set(view, side);
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches && from.knee === camera.knee) {
      flight = { from, to: { ...camera }, start: performance.now() };
    }
    model.view = chosen = view;
    relabel();
  }

  function fly(now) {
    if (!flight) return;
    const t = clamp((now - flight.start) / 250, 0, 1), eased = t * t * (3 - 2 * t);
    for (const name of ["azimuth", "elevation", "zoom"]) camera[name] = flight.from[name] + eased * (flight.to[name] - flight.from[name]);
    if (t === 1) flight = null;
    request();
  }

  function orbit(azimuth, elevation) {
    flight = null;
    camera.azimuth += azimuth;
    camera.elevation = clamp(camera.elevation + elevation, -0.2, Math.PI / 2);
    request();
  }

  function zoom(factor) {
    camera.zoom = clamp(camera.zoom * factor, 0.5, 8);
    request();
  }

  // ---- hands
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) orbit(0.008 * event.movementX, 0.008 * event.movementY);
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-0.0015 * event.deltaY));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const step = 0.087, names = Object.keys(VIEWS);
    const act = {
      ArrowLeft: () => orbit(-step, 0), ArrowRight: () => orbit(step, 0), ArrowUp: () => orbit(0, step), ArrowDown: () => orbit(0, -step),
      "+": () => zoom(1.15), "=": () => zoom(1.15), "-": () => zoom(1 / 1.15), " ": togglePlaying,
      ",": () => setFrame(Math.max(frame - 1, 0), performance.now()), ".": () => setFrame(Math.min(frame + 1, 100), performance.now()),
    }[event.key] ?? (names[event.key - 1] && (() => choose(names[event.key - 1])));
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  play.addEventListener("click", togglePlaying);
  slider.addEventListener("input", () => {
    if (model.playing) model.playing = false;
    frame = Number(slider.value);
    throttled();
  });

  // Scrubbing shows at once; the frame is written back at most every 80 ms, and once when the hand rests.
  let pending = null;
  function throttled() {
    request();
    pending ??= setTimeout(() => {
      pending = null;
      setFrame(frame, performance.now());
    }, 80);
  }

  // ---- life
  function release() {
    released = true;
    stop?.();
    watcher.disconnect();
    renderer?.release();
  }
  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault();
    renderer = null;
  });
  canvas.addEventListener("webglcontextrestored", () => outdated("body"));
  const watcher = new ResizeObserver(request);
  watcher.observe(stage);
  model.on(["bodies", "vertices", "triangles"], () => outdated("body"));
  model.on(["recorded", "modified", "stride", "nodes"], () => outdated("tracks"));
  const stop = store?.follow((next) => {
    if (next.old) return;
    shown = next;
    lighten(performance.now());
    outdated("live");
  });
  model.on(["dark", "recorded_visible", "forces_visible", "force_limit_bw", "palette"], relabel);
  model.on("view", () => model.view === chosen || choose(model.view));
  model.on("playing", onPlaying);
  model.on("frame", onFrame);
  model.on("remove", release);
  relabel();
  return root;
}

function paintSurface(root, model) {
  const { palette } = model, surface = palette[model.dark ? "dark" : "light"];
  for (const [name, value] of Object.entries({ ...surface, left: palette.left, right: palette.right })) root.style.setProperty(`--${name}`, value);
  root.style.colorScheme = model.dark ? "dark" : "light";
}
