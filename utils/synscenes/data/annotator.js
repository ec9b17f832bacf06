// The annotator's browser half: it draws, and sends each finished stroke to Python, which saves it.
// What is not confirmed as saved stays in this browser's own storage and is sent again when the cell is run again.

const STYLE = `
.syn-ann { color: inherit; font-size: 0.95em; line-height: 1.4; max-width: 60em; }
.syn-ann .row { align-items: center; display: flex; flex-wrap: wrap; gap: 0.3em; margin: 0.3em 0; }
.syn-ann button, .syn-ann select { background: transparent; border: 1px solid rgba(128,128,128,0.7); border-radius: 4px; color: inherit;
  cursor: pointer; font: inherit; min-height: 2em; padding: 0.1em 0.6em; }
.syn-ann option { background: Canvas; color: CanvasText; }
.syn-ann button[aria-pressed="true"] { border-width: 2px; font-weight: bold; outline: 1px solid currentColor; }
.syn-ann :focus-visible { outline: 3px solid #0072B2; outline-offset: 1px; }
.syn-ann svg { cursor: crosshair; display: block; height: auto; touch-action: none; user-select: none; width: 100%; }
.syn-ann .status { min-height: 1.4em; }
.syn-ann .status.bad { border-left: 4px solid #D55E00; font-weight: bold; padding-left: 0.5em; }
.syn-ann kbd { border: 1px solid rgba(128,128,128,0.7); border-radius: 3px; font-size: 0.85em; padding: 0 0.3em; }
`;
const TOOLS = { box: "Box", polygon: "Polygon", joints: "Joints", choose: "Choose" };
const KEYS = { b: "box", p: "polygon", j: "joints", v: "choose" };
const WAIT = 4000; // milliseconds before we say that nothing confirmed a stroke

function element(name, attributes = {}, text = "") {
  const svg = ["svg", "g", "rect", "polygon", "polyline", "circle", "line", "text", "image"].includes(name);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

function button(label, act, title) {
  const made = element("button", { type: "button", title }, label);
  made.addEventListener("click", act);
  return made;
}

class Annotating {
  constructor(model, root) {
    Object.assign(this, { model, root, tool: "box", points: [], joints: [], chosen: null, hidden: false, waiting: null });
    this.cursor = [this.about.width / 2, this.about.height / 2];
    this.category = this.about.categories[0].id;
    this.build();
    model.on("change:shapes", () => this.draw());
    model.on("change:view", () => this.turned());
    model.on("change:answer", () => this.answered());
    this.turned();
    this.resend();
  }

  get about() { return this.model.get("view"); }
  get store() { return `synscenes-annotator:${this.about.file}`; }

  build() {
    this.root.classList.add("syn-ann");
    // JupyterLab has keys of its own (b adds a cell); inside the annotator they are ours.
    this.root.dataset.lmSuppressShortcuts = "true";
    this.root.append(element("style", {}, STYLE));
    const tools = element("div", { class: "row", role: "group", "aria-label": "Tools" });
    this.tools = {};
    for (const [name, label] of Object.entries(TOOLS)) {
      this.tools[name] = button(label, () => this.take(name), `Key ${Object.keys(KEYS).find((key) => KEYS[key] === name)}`);
      tools.append(this.tools[name]);
    }
    this.list = element("select", { "aria-label": "Category" });
    this.about.categories.forEach((each, place) =>
      this.list.append(element("option", { value: each.id }, `${place < 9 ? place + 1 + " " : ""}${each.name}`)));
    this.list.addEventListener("change", () => this.name(Number(this.list.value)));
    this.list.addEventListener("keydown", (event) => event.stopPropagation());
    tools.append(this.list, button("Close", () => this.close(), "Close the polygon, or end the joints: key c"),
      button("Skip joint", () => this.joint(0), "This joint can't be seen or guessed: key x"),
      button("Hidden: no", () => this.hide(), "Is the next joint hidden? Key h"),
      button("Delete", () => this.remove(), "Delete the chosen shape: Delete key"),
      button("Undo", () => this.undo(), "Key u"));
    this.hideButton = tools.children[7];
    const turns = element("div", { class: "row" });
    this.title = element("span");
    turns.append(button("◀ Previous", () => this.turn(-1), "Key ,"), button("Next ▶", () => this.turn(1), "Key ."), this.title);
    this.svg = element("svg", { tabindex: "0", role: "application" });
    this.status = element("div", { class: "status", role: "status", "aria-live": "polite" });
    const help = element("details");
    help.append(element("summary", {}, "Keys"), this.help());
    this.root.append(turns, tools, this.svg, this.status, help);
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("pointermove", (event) => this.move(event));
    this.svg.addEventListener("pointerup", (event) => this.release(event));
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  help() {
    const made = element("p");
    const rows = [["b p j v", "box, polygon, joints, choose"], ["arrows", "move the cross (with Shift: ten pixels)"],
      ["Enter or Space", "set a corner or a joint"], ["c", "close the polygon, or end the joints"], ["1-9", "category"],
      ["x", "skip a joint"], ["h", "next joint is hidden"], ["[ ]", "choose the shape before, after"], ["Delete", "delete it"],
      ["u", "undo"], ["Esc", "drop the stroke"], [", .", "photograph before, after"]];
    for (const [keys, what] of rows) {
      made.append(element("kbd", {}, keys), ` ${what}; `);
    }
    made.append("Tab leaves the photograph.");
    return made;
  }

  turned() {
    const { width, height, name, count } = this.about;
    this.points = []; this.joints = []; this.chosen = null;
    this.cursor = [Math.min(this.cursor[0], width), Math.min(this.cursor[1], height)];
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.style.maxHeight = "70vh";
    this.title.textContent = `${this.about.place + 1} of ${count}: ${name}, ${width} × ${height}`;
    this.take(this.tool);
  }

  take(tool) {
    this.tool = tool; this.points = []; this.joints = [];
    for (const [name, made] of Object.entries(this.tools)) made.setAttribute("aria-pressed", name === tool);
    if (tool === "joints" && !this.chosen) this.choose(1);
    this.hint();
    this.draw();
  }

  hint() {
    const { joints } = this.about;
    const said = {
      box: "Drag from corner to corner.",
      polygon: "Set corner after corner; Close joins the last to the first.",
      joints: this.chosen ? `Set the ${(joints[this.joints.length] || "").replace("_", " ")} of the chosen shape, ` +
        `${this.joints.length + 1} of ${joints.length} (left and right are the person's own).` : "Choose or draw the person first.",
      choose: "Click a shape to choose it.",
    };
    this.say(said[this.tool]);
  }

  say(text, bad = false) {
    this.status.textContent = text;
    this.status.classList.toggle("bad", bad);
  }

  at(event) {
    const frame = this.svg.getBoundingClientRect(), { width, height } = this.about;
    // The picture is fitted into the element, centred, when the element has another shape.
    const scale = Math.min(frame.width / width, frame.height / height);
    const x = (event.clientX - frame.left - (frame.width - width * scale) / 2) / scale;
    const y = (event.clientY - frame.top - (frame.height - height * scale) / 2) / scale;
    return [Math.min(Math.max(x, 0), width), Math.min(Math.max(y, 0), height)];
  }

  press(event) {
    this.svg.focus({ preventScroll: true });
    if (event.button) return;
    this.cursor = this.at(event);
    if (this.tool === "box") this.svg.setPointerCapture(event.pointerId);
    this.set();
  }

  move(event) {
    if (!this.points.length) return;
    this.cursor = this.at(event);
    this.draw();
  }

  release(event) {
    if (this.tool !== "box" || this.points.length !== 1) return;
    this.cursor = this.at(event);
    const [[x, y], [u, v]] = [this.points[0], this.cursor];
    if (Math.abs(x - u) > 2 && Math.abs(y - v) > 2) this.set(); // else: a click; the second corner is to come
  }

  key(event) {
    if (event.target !== this.svg || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 10 : 1;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const acts = { Enter: () => this.set(), " ": () => this.set(), c: () => this.close(), x: () => this.joint(0), h: () => this.hide(),
      u: () => this.undo(), Escape: () => this.take(this.tool), Delete: () => this.remove(), Backspace: () => this.remove(),
      "[": () => this.choose(-1), "]": () => this.choose(1), ",": () => this.turn(-1), ".": () => this.turn(1) };
    if (moves[event.key]) {
      const [x, y] = this.cursor, [dx, dy] = moves[event.key];
      this.cursor = [Math.min(Math.max(x + dx, 0), this.about.width), Math.min(Math.max(y + dy, 0), this.about.height)];
      this.draw();
    } else if (acts[event.key]) acts[event.key]();
    else if (KEYS[event.key]) this.take(KEYS[event.key]);
    else if (/^[1-9]$/.test(event.key) && this.about.categories[event.key - 1]) this.name(this.about.categories[event.key - 1].id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  set() {
    if (this.tool === "joints") { this.joint(this.hidden ? 1 : 2); return; }
    if (this.tool === "choose") { this.chooseAt(this.cursor); return; }
    this.points.push([...this.cursor]);
    if (this.tool === "box" && this.points.length === 2) this.finish("box");
    else this.draw();
  }

  close() {
    if (this.tool === "polygon" && this.points.length) this.finish("polygon");
    else if (this.tool === "joints" && this.joints.length) while (this.tool === "joints" && this.joints.length) this.joint(0);
  }

  finish(kind) {
    const points = this.points;
    this.points = [];
    this.send({ do: "add", kind, points, category_id: this.category, image_id: this.about.image_id });
  }

  joint(visible) {
    if (this.tool !== "joints" || !this.chosen) { this.hint(); return; }
    this.joints.push(visible ? [...this.cursor, visible] : [0, 0, 0]);
    this.hidden = true; this.hide();
    if (this.joints.length === this.about.joints.length) {
      const joints = this.joints;
      this.joints = [];
      this.tool = "choose";
      this.take("choose");
      this.send({ do: "joints", id: this.chosen, joints });
    } else { this.hint(); this.draw(); }
  }

  hide() {
    this.hidden = !this.hidden;
    this.hideButton.textContent = `Hidden: ${this.hidden ? "yes" : "no"}`;
  }

  name(category) {
    this.category = category;
    this.list.value = category;
    if (this.tool === "choose" && this.chosen) this.send({ do: "rename", id: this.chosen, category_id: category });
  }

  choose(step) {
    const ids = this.model.get("shapes").map((shape) => shape.id);
    if (!ids.length) return;
    const place = ids.indexOf(this.chosen);
    this.pick(ids[place < 0 ? ids.length - 1 : (place + step + ids.length) % ids.length]);
  }

  chooseAt([x, y]) {
    const inside = this.model.get("shapes").filter(({ bbox: [left, top, width, height] }) =>
      x >= left && x <= left + width && y >= top && y <= top + height);
    // Of shapes that lie over each other, the smallest is hardest to hit, so it comes first.
    inside.sort((a, b) => a.bbox[2] * a.bbox[3] - b.bbox[2] * b.bbox[3]);
    this.pick(inside.length ? inside[0].id : null);
  }

  pick(id) {
    this.chosen = id;
    const shape = this.model.get("shapes").find((each) => each.id === id);
    if (shape) { this.category = shape.category_id; this.list.value = shape.category_id; }
    this.say(shape ? `Chosen: ${this.named(shape.category_id).name}, number ${id}.` : "Nothing chosen.");
    this.draw();
  }

  remove() {
    if (this.chosen) this.send({ do: "remove", id: this.chosen });
    this.chosen = null;
  }

  undo() {
    if (this.points.length) { this.points.pop(); this.draw(); } else if (this.joints.length) { this.joints.pop(); this.hint(); this.draw(); }
    else this.send({ do: "undo" });
  }

  turn(step) { this.send({ do: "turn", place: this.about.place + step }); }

  kept() {
    try { return JSON.parse(localStorage.getItem(this.store)) || []; } catch { return []; }
  }

  keep(list) {
    try { list.length ? localStorage.setItem(this.store, JSON.stringify(list)) : localStorage.removeItem(this.store); } catch { /* no storage: private window */ }
  }

  send(message) {
    const token = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const stroke = { ...message, token };
    if (message.do === "add") this.keep([...this.kept(), stroke]);
    this.say("Saving …");
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.say(`NOT SAVED: Python does not answer. What you drew is kept in this browser; restart the ` +
      `kernel and run this cell again.`, true), WAIT);
    try { this.model.send(stroke); } catch { /* a dead kernel: the timer says so */ }
    this.draw();
  }

  resend() {
    const kept = this.kept();
    if (!kept.length) return;
    this.say(`Sending ${kept.length} stroke(s) that were not confirmed last time …`);
    kept.forEach((stroke) => this.model.send(stroke));
  }

  answered() {
    const { token, said, problem } = this.model.get("answer");
    clearTimeout(this.waiting);
    // Refused for good (said or problem): not to be sent again. A full disk can be mended, so that one is kept.
    if (!(problem || "").startsWith("NOT SAVED")) this.keep(this.kept().filter((stroke) => stroke.token !== token));
    this.say(problem || said || "", Boolean(problem));
  }

  named(id) { return this.about.categories.find((each) => each.id === id) || { name: "?", colour: "#000000" }; }

  draw() {
    const { width, height, name } = this.about, unit = Math.max(width, height) / 400;
    const shapes = this.model.get("shapes");
    this.svg.replaceChildren(element("image", { href: this.about.photograph, width, height }));
    this.svg.setAttribute("aria-label", `Photograph ${name} with ${shapes.length} annotations. Arrow keys move the cross.`);
    shapes.forEach((shape) => this.paint(shape, unit));
    this.unfinished(unit);
    const [x, y] = this.cursor;
    for (const [colour, thick] of [["white", 3], ["black", 1]]) {
      this.svg.append(element("line", { x1: x - 8 * unit, x2: x + 8 * unit, y1: y, y2: y, stroke: colour, "stroke-width": thick * unit * 0.7 }),
        element("line", { y1: y - 8 * unit, y2: y + 8 * unit, x1: x, x2: x, stroke: colour, "stroke-width": thick * unit * 0.7 }));
    }
  }

  paint(shape, unit) {
    const { colour, name } = this.named(shape.category_id), [left, top, width, height] = shape.bbox;
    const chosen = shape.id === this.chosen, thick = (chosen ? 3 : 1.6) * unit;
    const parts = shape.segmentation.length ? shape.segmentation.map((part) => ["polygon", { points: part.join(" ") }])
      : [["rect", { x: left, y: top, width, height }]];
    for (const [kind, place] of parts) {
      this.svg.append(element(kind, { ...place, fill: "none", stroke: "white", "stroke-width": thick * 2, opacity: 0.7 }),
        element(kind, { ...place, fill: colour, "fill-opacity": chosen ? 0.35 : 0.15, stroke: colour, "stroke-width": thick,
          "stroke-dasharray": chosen ? `${5 * unit} ${3 * unit}` : "none" }));
    }
    this.figure(this.triples(shape.keypoints), unit);
    const label = { x: left + 2 * unit, y: Math.max(top - 3 * unit, 10 * unit), "font-size": 11 * unit, "font-weight": "bold" };
    this.svg.append(element("text", { ...label, stroke: "white", "stroke-width": 3 * unit, "stroke-linejoin": "round" }, name),
      element("text", { ...label, fill: "black" }, name));
  }

  triples(flat) {
    return Array.from({ length: flat.length / 3 }, (_, place) => flat.slice(3 * place, 3 * place + 3));
  }

  figure(joints, unit) {
    for (const [a, b] of this.about.skeleton) {
      if (joints[a]?.[2] && joints[b]?.[2]) {
        const ends = { x1: joints[a][0], y1: joints[a][1], x2: joints[b][0], y2: joints[b][1] };
        this.svg.append(element("line", { ...ends, stroke: "white", "stroke-width": 4 * unit, opacity: 0.8 }),
          element("line", { ...ends, stroke: "#0072B2", "stroke-width": 2 * unit }));
      }
    }
    for (const [x, y, v] of joints) {
      if (v) this.svg.append(element("circle", { cx: x, cy: y, r: 3 * unit, fill: v === 2 ? "#0072B2" : "white", stroke: "#0072B2", "stroke-width": unit }));
    }
  }

  unfinished(unit) {
    const line = { fill: "none", stroke: "black", "stroke-width": 1.5 * unit, "stroke-dasharray": `${4 * unit} ${2 * unit}` };
    if (this.tool === "box" && this.points.length) {
      const [[x, y], [u, v]] = [this.points[0], this.cursor];
      const place = { x: Math.min(x, u), y: Math.min(y, v), width: Math.abs(x - u), height: Math.abs(y - v) };
      this.svg.append(element("rect", { ...place, ...line, stroke: "white", "stroke-dasharray": "none", "stroke-width": 3 * unit }), element("rect", { ...place, ...line }));
    } else if (this.points.length) {
      const points = [...this.points, this.cursor].join(" ");
      this.svg.append(element("polyline", { points, ...line, stroke: "white", "stroke-dasharray": "none", "stroke-width": 3 * unit }), element("polyline", { points, ...line }));
    }
    this.figure(this.joints, unit);
  }
}

function render({ model, el }) {
  const root = element("div");
  el.append(root);
  new Annotating(model, root);
}

// Without Python: a model in the page itself, that does the same to its own list and says that nothing is saved.
function alone(state, place) {
  const listeners = {}, history = [];
  const change = (name, value) => { state[name] = value; (listeners[`change:${name}`] || []).forEach((call) => call()); };
  const box = (points) => {
    const xs = points.map(([x]) => x), ys = points.map(([, y]) => y), left = Math.min(...xs), top = Math.min(...ys);
    return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
  };
  const acts = {
    add: ({ kind, points, category_id }) => {
      const id = Math.max(0, ...state.shapes.map((shape) => shape.id)) + 1;
      const segmentation = kind === "polygon" ? [points.flat()] : [];
      return [...state.shapes, { id, category_id, bbox: box(points), segmentation, keypoints: [] }];
    },
    joints: ({ id, joints }) => state.shapes.map((shape) => (shape.id === id ? { ...shape, keypoints: joints.flat() } : shape)),
    rename: ({ id, category_id }) => state.shapes.map((shape) => (shape.id === id ? { ...shape, category_id } : shape)),
    remove: ({ id }) => state.shapes.filter((shape) => shape.id !== id),
    undo: () => history.pop() || state.shapes,
    turn: () => state.shapes,
  };
  const model = {
    get: (name) => state[name],
    on: (name, call) => { (listeners[name] = listeners[name] || []).push(call); },
    send: (message) => {
      const shapes = acts[message.do](message);
      if (!["undo", "turn"].includes(message.do)) history.push(state.shapes);
      change("shapes", shapes);
      change("answer", { token: message.token, said: "This page has no Python behind it: nothing is saved here, and one photograph is all it has." });
    },
  };
  place.replaceChildren();
  const here = new Annotating(model, place);
  here.keep([]);
}

export default { render };
