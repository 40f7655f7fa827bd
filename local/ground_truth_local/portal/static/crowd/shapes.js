// crowd-bounding-box, crowd-polygon, crowd-polyline, crowd-line and crowd-keypoint.
"use strict";
(() => {
  const { ARROWS, ImageTool, KINDS, around, grown } = window.groundTruthCrowd;
  const SVG = "http://www.w3.org/2000/svg";
  const NEAR = 9; // screen pixels
  const SIZES = { "[": [-5, 0], "]": [5, 0], "{": [0, -5], "}": [0, 5] };

  function svg(tag, attributes = {}, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  class ShapeTool extends ImageTool {
    static styles = `${ImageTool.styles}
      .shape { vector-effect: non-scaling-stroke; stroke-width: 2px; fill-opacity: 0.12; }
      .shape.open { fill: none; }
      .chosen .shape { stroke-width: 3px; fill-opacity: 0.25; }
      .reach { vector-effect: non-scaling-stroke; stroke: transparent; stroke-width: 14px; fill: none; pointer-events: stroke; }
      .halo { vector-effect: non-scaling-stroke; stroke: #fff; stroke-opacity: 0.8; stroke-width: 4px; fill: none; }
      .calm [data-thing] { cursor: move; }
      .handle { fill: #fff; stroke: #14211c; vector-effect: non-scaling-stroke; stroke-width: 1.5px; cursor: grab; }
      .draft { vector-effect: non-scaling-stroke; stroke-width: 2px; stroke-dasharray: 5 4; fill: none; pointer-events: none; }
    `;

    get kind() {
      return this.constructor.kind;
    }

    over() {
      this._svg = svg("svg", { class: "over" });
      this._svg.addEventListener("pointerdown", (event) => this._down(event));
      this._svg.addEventListener("pointermove", (event) => this._move(event));
      this._svg.addEventListener("pointerup", (event) => this._up(event));
      this._svg.addEventListener("pointercancel", () => this._give());
      this._svg.addEventListener("dblclick", () => this._finish());
      return this._svg;
    }

    tools() {
      this._draw = this.button("Draw", () => this._mode(true), { key: "D" });
      this._pick = this.button("Select", () => this._mode(false), { key: "S" });
      this.drawing = true;
      return [this._draw, this._pick];
    }

    start(initial) {
      const given = Array.isArray(initial) ? initial : (initial && initial[this.kind.key]) || [];
      this.things = given.map((value) => ({ label: String(value.label), points: this.kind.read(value) }));
      this._begun = this.snapshot();
      this._svg.setAttribute("viewBox", `0 0 ${this.stage.size.width} ${this.stage.size.height}`);
      this._mode(this.things.length === 0);
    }

    get _submittableValue() {
      if (!this._started) return undefined;
      const shapes = this.things.map(({ label, points }) => this.kind.write(label, points));
      return this.around({ [this.kind.key]: shapes });
    }

    problem() {
      return this._draft ? `Please finish the ${this.kind.noun}, or give it up with Escape` : super.problem();
    }

    modified() {
      return this.snapshot() !== this._begun;
    }

    restart() {
      if (this._started) this.change(() => this.restore(this._begun));
    }

    restore(snapshot) {
      super.restore(snapshot);
      this._draft = null;
    }

    choose(thing) {
      super.choose(thing);
      if (thing) this._mode(false);
    }

    /** With a shape selected, the key or button gives it the label; the next ones get it, too. */
    activate(label) {
      const thing = this.chosen;
      if (thing && !this.drawing && thing.label !== label) {
        this.change(() => (this.things[this.things.indexOf(thing)].label = label));
      }
      super.activate(label);
    }

    key(event) {
      const name = event.key.toLowerCase();
      if (name === "d" || name === "s") this._mode(name === "d");
      else if (name === "enter" && this._draft) this._finish();
      else if (name === "enter" && this.drawing && this.onImage(event)) this._set();
      else if (name === "escape") this._give();
      else if (name === "backspace" && this._draft) this._back();
      else if (event.key in ARROWS && this.chosen) this._nudge(ARROWS[event.key], event.shiftKey ? 10 : 1);
      else if (event.key in SIZES && this.chosen) this._size(...SIZES[event.key]);
      else return super.key(event);
      return true;
    }

    /** By keyboard: a shape in the middle of the image, a quarter of its size, to be moved from there. */
    _set() {
      if (this.active === null || !this.stage.size) return;
      const { width, height } = this.stage.size;
      const middle = { x: width / 2, y: height / 2 };
      const points = this.kind.path ? around(middle, width / 4, height / 4, this.kind.least > 2) : [middle];
      this._mode(false);
      this._add(points);
    }

    _size(right, down) {
      const thing = this.chosen;
      const points = grown(thing.points, right, down);
      const { width, height } = this.stage.size;
      if (points.every(({ x, y }) => x <= width && y <= height)) this.change(() => (thing.points = points));
    }

    _mode(drawing) {
      this.drawing = drawing;
      this._draft = null;
      if (drawing) this.chosen = null;
      this.stage.calm(!drawing);
      this.refresh();
    }

    // -- the pointer

    _down(event) {
      if (event.button !== 0 || !this.stage.size) return;
      this.stage.element.focus({ preventScroll: true });
      const at = this.stage.point(event);
      const handle = event.target.dataset.handle;
      if (handle !== undefined) this._grab({ handle: Number(handle), from: at, was: this.chosen.points });
      else if (!this.drawing) this._select(event, at);
      else if (this.active === null) return;
      else if (this.kind.by === "clicking") this._click(at);
      else this._begin(at);
      if (this._drag) this._svg.setPointerCapture(event.pointerId);
      this.refresh();
    }

    _select(event, at) {
      const found = event.target.closest("[data-thing]");
      this.chosen = found ? this.things[Number(found.dataset.thing)] : null;
      if (this.chosen) this._grab({ from: at, was: this.chosen.points });
    }

    _grab(drag) {
      this._drag = { ...drag, before: this.snapshot(), thing: this.chosen };
    }

    _begin(at) {
      if (this.kind.by === "setting") {
        this._add([at]);
        this._grab({ from: at, was: this.chosen.points });
        this._drag.before = null; // setting and moving it at once is one step
      } else {
        this._draft = [at, at];
        this._drag = { fresh: true, from: at };
      }
    }

    _move(event) {
      if (!this._drag && !this._draft) return;
      const at = this.stage.point(event);
      if (!this._drag) this._ahead = at;
      else if (this._drag.fresh) this._draft = [this._drag.from, at];
      else this._carry(at);
      this._paint();
    }

    _carry(at) {
      const { from, handle, thing, was } = this._drag;
      this._drag.moved = true;
      if (handle !== undefined) thing.points = this.kind.handles(was)[handle].set(was, at);
      else thing.points = this._shifted(was, at.x - from.x, at.y - from.y);
    }

    /** Moved as a whole, inside the image. */
    _shifted(points, right, down) {
      const { width, height } = this.stage.size;
      const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
      const within = (by, low, high, most) => Math.min(Math.max(by, -low), most - high);
      const dx = within(right, Math.min(...xs), Math.max(...xs), width);
      const dy = within(down, Math.min(...ys), Math.max(...ys), height);
      return points.map(({ x, y }) => ({ x: x + dx, y: y + dy }));
    }

    _up(event) {
      const drag = this._drag;
      this._drag = null;
      if (!drag) return;
      if (drag.fresh) this._settle(drag.from, this.stage.point(event));
      else if (drag.moved) {
        drag.thing.points = this._tidy(drag.thing.points);
        this.change(() => {});
        if (drag.before) this._past[this._past.length - 1] = drag.before;
        else this._past.pop();
      }
      this.refresh();
    }

    _settle(from, to) {
      this._draft = null;
      const far = Math.hypot(to.x - from.x, to.y - from.y) * this.stage.zoom;
      if (far < 4) return; // a click is no shape
      this._add([from, to]);
    }

    _click(at) {
      const draft = this._draft || [];
      const first = draft[0];
      const close = this.kind.closed && draft.length >= this.kind.least && this._near(first, at);
      if (close) this._finish();
      else this._draft = [...draft, at];
      this._ahead = null;
    }

    _near(a, b) {
      return Math.hypot(a.x - b.x, a.y - b.y) * this.stage.zoom <= NEAR;
    }

    /** A double click has set its last point twice. */
    _finish() {
      const draft = (this._draft || []).filter((point, index, all) => !index || !this._near(point, all[index - 1]));
      if (!this._draft || draft.length < this.kind.least) return;
      this._draft = null;
      this._add(draft);
    }

    _back() {
      this._draft = this._draft.length > 1 ? this._draft.slice(0, -1) : null;
      this._paint();
    }

    _give() {
      this._draft = this._drag = null;
      this.chosen = null;
      this.refresh();
    }

    _add(points) {
      const thing = { label: this.active, points: this._tidy(points) };
      this.change(() => this.things.push(thing));
      this.chosen = thing;
      this.refresh();
    }

    _tidy(points) {
      return this.kind.tidy ? this.kind.tidy(points) : points;
    }

    _nudge([right, down], by) {
      const thing = this.chosen;
      this.change(() => (thing.points = this._shifted(thing.points, right * by, down * by)));
    }

    // -- what is seen

    refresh() {
      super.refresh();
      if (!this._svg || !this.stage || !this.stage.size) return;
      this._draw.setAttribute("aria-pressed", String(this.drawing));
      this._pick.setAttribute("aria-pressed", String(!this.drawing));
      this._paint();
    }

    _paint() {
      const shapes = this.things.map((thing, number) => this._shape(thing, number));
      const chosen = this.chosen ? this.kind.handles(this.chosen.points).map(({ at }, number) => this._handle(at, number)) : [];
      this._svg.replaceChildren(...shapes, ...chosen, ...this._unfinished());
    }

    _shape(thing, number) {
      const hue = this.colorOf(thing.label);
      const group = svg("g", { "data-thing": number, class: thing === this.chosen ? "chosen" : "" });
      const tip = svg("title", {}, thing.label);
      if (!this.kind.path) {
        const [{ x, y }] = thing.points;
        group.append(svg("circle", { class: "shape", cx: x, cy: y, r: this.stage.pixels(6), fill: hue, "fill-opacity": 1, stroke: "#fff" }), tip);
        return group;
      }
      const d = this.kind.path(thing.points);
      const look = this.kind.closed ? { fill: hue } : {};
      const name = this.kind.closed ? "shape" : "shape open";
      group.append(svg("path", { class: "halo", d }), svg("path", { class: name, d, stroke: hue, ...look }), svg("path", { class: "reach", d }), tip);
      return group;
    }

    _handle({ x, y }, number) {
      return svg("circle", { class: "handle", "data-handle": number, cx: x, cy: y, r: this.stage.pixels(6) });
    }

    _unfinished() {
      if (!this._draft) return [];
      const points = this._ahead && !this._drag ? [...this._draft, this._ahead] : this._draft;
      const dots = this.kind.by === "clicking" ? this._draft.map(({ x, y }) => svg("circle", { class: "draft", cx: x, cy: y, r: this.stage.pixels(4), stroke: "#14211c" })) : [];
      const path = this.kind.closed && this.kind.by === "clicking" ? KINDS.polyline.path : this.kind.path;
      return [svg("path", { class: "draft", d: path(points), stroke: this.colorOf(this.active) }), ...dots];
    }
  }

  const NAMES = { box: "crowd-bounding-box", keypoint: "crowd-keypoint", line: "crowd-line", polygon: "crowd-polygon", polyline: "crowd-polyline" };
  for (const [name, element] of Object.entries(NAMES)) {
    const kind = KINDS[name];
    customElements.define(
      element,
      class extends ShapeTool {
        static kind = kind;
        static noun = kind.noun;
        static plural = kind.plural;
        static hint = kind.hint;
      },
    );
  }
})();
