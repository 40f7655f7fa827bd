// What the two segmentation tools share: brush, outline, eraser, and the mask they paint.
"use strict";
(() => {
  const { ARROWS, ImageTool, Layer, make } = window.groundTruthCrowd;

  class MaskTool extends ImageTool {
    static styles = `${ImageTool.styles}
      .sheet > canvas { opacity: 0.55; pointer-events: none; }
      .sheet > canvas.guide { opacity: 1; pointer-events: auto; }
      input[type="range"] { width: 7rem; accent-color: #1f6f5c; }
    `;
    static hint = "Paint with the brush, or outline an area with clicks and close it with a double click or Enter. X erases, [ and ] change the size of the brush. By keyboard: Tab leads to the image, arrow keys move the brush (with Shift farther), Space paints for as long as it is held, or sets a corner of an area.";

    between() {
      this.layer = new Layer();
      return [this.layer.canvas];
    }

    over() {
      this._guide = make("canvas", { class: "over guide" });
      this._guide.addEventListener("pointerdown", (event) => this._down(event));
      this._guide.addEventListener("pointermove", (event) => this._move(event));
      this._guide.addEventListener("pointerup", () => this._up());
      this._guide.addEventListener("pointercancel", () => this._up());
      this._guide.addEventListener("pointerleave", () => this._aim(null));
      this._guide.addEventListener("dblclick", () => this._close());
      return this._guide;
    }

    canvas() {
      const nodes = super.canvas();
      this.stage.element.addEventListener("focus", () => this._aim(this._place()));
      this.stage.element.addEventListener("blur", () => {
        this._up();
        this._aim(null);
      });
      this.stage.element.addEventListener("keyup", (event) => event.key === " " && this._up());
      return nodes;
    }

    tools() {
      this._modes = new Map(
        [["brush", "Brush", "B"], ["area", "Area", "A"], ["erase", "Erase", "X"]].map(([mode, text, key]) => [
          mode,
          this.button(text, () => this._mode(mode), { key }),
        ]),
      );
      this._size = make("input", { type: "range", min: 1, max: 100, value: 20, "aria-label": "Brush size" });
      this._size.addEventListener("input", () => this._aim(this._at));
      this.mode = "brush";
      return [...this._modes.values(), make("label", {}, "Size", this._size)];
    }

    start(initial) {
      this.layer.resize(this.stage.size);
      Object.assign(this._guide, this.stage.size);
      const longest = Math.max(this.stage.size.width, this.stage.size.height);
      this._size.max = Math.max(4, Math.round(longest / 4));
      this._size.value = Math.max(2, Math.round(longest / 25));
      this.begin(initial || {});
      this._mode("brush");
      if (initial && initial.src) this._earlier(initial);
    }

    async _earlier(initial) {
      this._broken = "The earlier mask is still being loaded";
      try {
        await this.layer.load(initial.src, this.numbers(initial));
        this._broken = null;
      } catch {
        this._broken = null;
        this.fail("The earlier mask can't be loaded: is the bucket's CORS configuration missing, or the link too old?");
      }
      this.repainted();
    }

    /** Half the brush's width, in the image's pixels. */
    get radius() {
      return Number(this._size.value) / 2;
    }

    get steps() {
      return this.layer.steps;
    }

    snapshot() {
      return JSON.stringify({ things: this.things, active: this.active });
    }
    restore(snapshot, forward) {
      Object.assign(this, JSON.parse(snapshot));
      if (forward) this.layer.redo();
      else this.layer.undo();
    }

    /** A step that paints. */
    painted(action) {
      this.layer.begin();
      this.change(() => {
        action();
        this.layer.end();
      });
      this.repainted();
    }

    remove(thing) {
      this.painted(() => this.erase(thing));
    }

    problem() {
      return this._outline ? "Please close the outline, or give it up with Escape" : super.problem();
    }

    key(event) {
      const name = event.key.toLowerCase();
      const mode = { b: "brush", a: "area", x: "erase" }[name];
      if (mode) this._mode(mode);
      else if (name === "enter" && this._outline) this._close();
      else if (name === "escape") this._drop();
      else if (event.key in ARROWS && this.onImage(event)) this._walk(ARROWS[event.key], event.shiftKey);
      else if (name === " " && this.onImage(event)) {
        if (!event.repeat) this._press();
      } else if (name === "[" || name === "]") {
        this._size.value = Number(this._size.value) * (name === "]" ? 1.25 : 0.8) + (name === "]" ? 1 : -1);
        this._aim(this._at);
      } else return super.key(event);
      return true;
    }

    _travel(...steps) {
      this._up(); // what is being painted is a step of its own
      super._travel(...steps);
    }

    _mode(mode) {
      this._up();
      this.mode = mode;
      this._drop();
      this.refresh();
    }

    _drop() {
      this._outline = null;
      this._aim(this._at);
    }

    // -- the pointer

    _down(event) {
      if (event.button !== 0 || !this.stage.size || this._broken) return;
      this.stage.element.focus({ preventScroll: true });
      const at = this.stage.point(event);
      if (this._begin(at)) this._guide.setPointerCapture(event.pointerId);
      this._aim(at);
    }

    /** A corner, or the first dot of a stroke, which goes on then. */
    _begin(at) {
      this._up();
      if (this.mode !== "erase" && !this.ready()) return false;
      if (this.mode === "area") {
        this._outline = [...(this._outline || []), at];
        return false;
      }
      this._before = this.snapshot();
      this.layer.begin();
      this._from = at;
      this._paint(at);
      return true;
    }

    _move(event) {
      if (!this.stage.size) return;
      const at = this.stage.point(event);
      if (this._from) this._paint(at);
      this._aim(at);
    }

    _paint(at) {
      this.layer.stroke(this._from, at, this.radius, this.mode === "erase" ? 0 : this.number());
      this._from = at;
    }

    _up() {
      if (!this._from) return;
      this._from = null;
      this.layer.end();
      this.change(() => {});
      this._past[this._past.length - 1] = this._before;
      this.repainted();
    }

    _close() {
      const outline = this._outline;
      this._outline = null;
      if (outline && outline.length > 2) this.painted(() => this.layer.fill(outline, this.number()));
      this._aim(this._at);
    }

    // -- the keyboard

    /** Where the brush was last, at first the middle of the image: the middle of a pixel. */
    _place() {
      if (!this.stage.size) return null;
      const { width, height } = this.stage.size;
      return this._last || { x: Math.floor(width / 2) + 0.5, y: Math.floor(height / 2) + 0.5 };
    }

    _press() {
      if (!this.stage.size || this._broken) return;
      this._begin(this._place());
      this._aim(this._place());
    }

    /** By a pixel, or far: by half the brush, and not less than ten. */
    _walk([right, down], far) {
      if (!this.stage.size) return;
      const by = far ? Math.max(10, Math.round(this.radius)) : 1;
      const within = (value, most) => Math.min(Math.max(value, 0.5), most - 0.5);
      const { x, y } = this._place();
      const at = { x: within(x + right * by, this.stage.size.width), y: within(y + down * by, this.stage.size.height) };
      if (this._from) this._paint(at);
      this._aim(at);
      this.stage.reveal(at);
    }

    /** The brush's ring, or the outline so far. */
    _aim(at) {
      this._at = at;
      if (at) this._last = at;
      const ink = this._guide.getContext("2d");
      ink.clearRect(0, 0, this._guide.width, this._guide.height);
      if (!at || !this.stage.size) return;
      for (const [width, hue] of [[3, "#fff"], [1.2, "#14211c"]]) {
        ink.beginPath();
        if (this.mode !== "area") ink.arc(at.x, at.y, this.radius, 0, 2 * Math.PI);
        else for (const { x, y } of [...(this._outline || []), at]) ink.lineTo(x, y);
        Object.assign(ink, { lineWidth: this.stage.pixels(width), strokeStyle: hue });
        ink.stroke();
      }
    }

    refresh() {
      super.refresh();
      if (this._modes) for (const [mode, button] of this._modes) button.setAttribute("aria-pressed", String(mode === this.mode));
    }

    mask(value) {
      return this.around({ ...value, labeledImage: { pngImageData: this.layer.png() } });
    }
  }

  Object.assign(window.groundTruthCrowd, { MaskTool });
})();
