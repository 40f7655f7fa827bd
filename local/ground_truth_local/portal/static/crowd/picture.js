// Tools over an image: zoom, "nothing to label", the image's size and what was there before.
"use strict";
(() => {
  const { LabelTool, STAGE, STEP, Stage, json5, make } = window.groundTruthCrowd;

  /** Right and down. */
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  class ImageTool extends LabelTool {
    static styles = LabelTool.styles + STAGE;

    canvas() {
      this.stage = new Stage({
        src: this.getAttribute("src") || "",
        over: this.over(),
        between: this.between(),
        changed: () => this._sized(),
        failed: (text) => this.fail(text),
      });
      this._zoom = make("button", { type: "button", class: "zoom", title: "Fit (key F)", onclick: () => this.stage.fit() }, "100 %");
      this._bar.append(
        ...this.tools(),
        ...this.history(),
        make(
          "span",
          { class: "group" },
          this.button("−", () => this.stage.scale(1 / STEP), { key: "-", "aria-label": "Zoom out" }),
          this._zoom,
          this.button("+", () => this.stage.scale(STEP), { key: "+", "aria-label": "Zoom in" }),
        ),
      );
      return [this.stage.element, make("p", { class: "hint" }, this.constructor.hint)];
    }

    /** Nothing can be answered any more. */
    fail(text) {
      this.showProblem(text);
      this._broken = text;
    }

    _sized() {
      if (!this._started) {
        this._started = true;
        this._initial = json5(this.getAttribute("initial-value"), null);
        this.start(this._initial);
      }
      this._zoom.textContent = `${Math.round(this.stage.zoom * 100)} %`;
      this.refresh();
    }

    key(event) {
      if (event.key === "+" || event.key === "=") this.stage.scale(STEP);
      else if (event.key === "-") this.stage.scale(1 / STEP);
      else if (event.key.toLowerCase() === "f") this.stage.fit();
      else return false;
      return true;
    }

    problem() {
      return this._broken || this._started ? super.problem() : "The image is still being loaded";
    }

    /** Whether a key is for the image, and not for a button beside it. */
    onImage(event) {
      return event.composedPath().includes(this.stage.element);
    }

    /** What the element submits beside its own value. */
    around(value) {
      const { height, width } = this.stage.size;
      const modified = this._initial === null ? {} : { initialValueModified: this.modified() };
      return { ...value, inputImageProperties: { height, width }, ...modified };
    }

    modified() {
      return this._past.length > 0;
    }

    // -- what subclasses add

    over() {
      return null;
    }
    between() {
      return [];
    }
    tools() {
      return [];
    }
    start(_initial) {}
  }

  Object.assign(window.groundTruthCrowd, { ARROWS, ImageTool });
})();
