// crowd-slider with its label, and crowd-toggle-button.
"use strict";
(() => {
  const { Choice, CrowdElement, changed, make } = window.groundTruthCrowd;
  const MOVING = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"]);

  class CrowdSlider extends CrowdElement {
    static observedAttributes = ["disabled"];
    static styles = `
      :host { margin: 0.7rem 0; max-width: 32rem; }
      .line { display: flex; gap: 0.8rem; align-items: end; }
      .track { flex: 1; min-width: 0; position: relative; }
      :host([pin]) .track { padding-top: 1.9rem; }
      input[type="range"] { width: 100%; margin: 0; accent-color: #1f6f5c; display: block; height: 1.5rem; }
      input[type="number"] { width: 6rem; padding: 0.35rem 0.5rem; border: 1px solid #7d8a83; border-radius: 8px; }
      output { position: absolute; top: 0; translate: -50% 0; background: #1f6f5c; color: #fff; border-radius: 6px; padding: 0 0.45rem; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
      .second { height: 4px; border-radius: 2px; background: var(--crowd-slider-secondary-color, #7d8a83); }
      .ends { display: flex; justify-content: space-between; color: #55625c; font-size: 0.85rem; margin-top: 0.25rem; }
      :host([disabled]) { opacity: 0.6; }
    `;

    build() {
      [this._min, this._max] = [this._number("min", 0), this._number("max", 100)];
      const range = { min: this._min, max: this._max, step: this._number("step", 1) };
      const said = this.getAttribute("aria-label") || this.getAttribute("label") || this.name || "Value";
      this._field = make("input", { type: "range", "aria-label": said, ...range });
      this._field.value = this._early ?? this._number("value", this._min);
      this._touched = this._early !== undefined || this.hasAttribute("value");
      this._field.addEventListener("pointerdown", () => this._touch());
      this._field.addEventListener("keydown", (event) => MOVING.has(event.key) && this._touch());
      this._field.addEventListener("input", () => this._moved());
      this._field.addEventListener("change", () => changed(this));
      if (this.hasAttribute("pin")) this._pin = make("output", { "aria-hidden": "true" });
      if (this.hasAttribute("editable")) this._exact = this._exactly(said, range);
      this._reflect();
      return [
        make("div", { class: "line" }, make("div", { class: "track" }, this._pin, this._field, this._second(), this._ends()), this._exact),
        make("p", { class: "problem", role: "alert" }),
      ];
    }

    _number(name, otherwise) {
      const given = this.getAttribute(name);
      if (given === null || given.trim() === "") return otherwise;
      if (!Number.isFinite(Number(given))) throw new Error(`${name} must be a number, not ${given}`);
      return Number(given);
    }

    _exactly(said, range) {
      const field = make("input", { type: "number", "aria-label": `${said}, exactly`, ...range });
      field.addEventListener("change", () => {
        if (field.value !== "") this._field.value = field.value;
        this._touch();
        this._moved();
        changed(this);
      });
      return field;
    }

    _second() {
      if (!this.hasAttribute("secondary-progress")) return null;
      const bar = make("div", { class: "second" });
      bar.style.width = `${100 * this._part(this._number("secondary-progress", this._min))}%`;
      return bar;
    }

    _ends() {
      return make("div", { class: "ends", "aria-hidden": "true" }, make("span", {}, String(this._min)), make("span", {}, String(this._max)));
    }

    _part(value) {
      const span = this._max - this._min || 1;
      return Math.min(Math.max((value - this._min) / span, 0), 1);
    }

    attributeChangedCallback() {
      if (this._field) this._reflect();
    }

    _touch() {
      this._touched = true;
      this.showProblem(null);
    }

    _moved() {
      this._touch();
      this._reflect();
    }

    _reflect() {
      for (const field of [this._field, this._exact]) if (field) field.disabled = this.disabled;
      if (this._exact) this._exact.value = this._field.value;
      if (!this._pin) return;
      const part = this._part(this.value);
      this._pin.textContent = this._field.value;
      this._pin.style.left = `calc(${100 * part}% + ${0.5 - part}rem)`; // the knob stays inside the track
    }

    get value() {
      return this._field ? Number(this._field.value) : Number(this._early ?? this.getAttribute("value") ?? 0);
    }
    set value(number) {
      if (!this._field) {
        this._early = number;
        return;
      }
      this._field.value = number;
      this._moved();
    }

    get _submittableValue() {
      return this._broken ? undefined : this.value;
    }

    restart() {
      this._field.value = this._number("value", this._min);
      this._touched = this.hasAttribute("value");
      this._reflect();
    }

    problem() {
      const missing = this.hasAttribute("required") && !this._touched;
      return this._broken || (missing ? "Please move the slider" : null);
    }
  }

  class CrowdSliderLabel extends CrowdElement {
    static styles = ":host { display: block; font-weight: 550; margin: 0.7rem 0 0; }";

    build() {
      return [make("slot")];
    }
  }

  class CrowdToggleButton extends Choice {
    static control = "checkbox";
    static wanted = "Please switch this on";
    static styles = `${Choice.styles}
      label { align-items: center; }
      input { appearance: none; top: 0; margin: 0; width: 2.6rem; height: 1.5rem; border-radius: 99px; background: #6b7770; cursor: pointer; transition: background 0.15s; }
      input::before { content: ""; position: absolute; inset: 3px auto 3px 3px; aspect-ratio: 1; border-radius: 50%; background: #fff; transition: translate 0.15s; }
      input:checked { background: #1f6f5c; }
      input:checked::before { translate: 1.1rem; }
      :host([invalid]) input:not(:checked) { background: var(--crowd-toggle-invalid-color, #a5281b); }
      @media (prefers-reduced-motion: reduce) { input, input::before { transition: none; } }
    `;

    build() {
      const nodes = super.build();
      this._box.setAttribute("role", "switch");
      if (!this.textContent.trim()) this._box.setAttribute("aria-label", this.getAttribute("aria-label") || this.name);
      return nodes;
    }
  }

  customElements.define("crowd-slider", CrowdSlider);
  customElements.define("crowd-slider-label", CrowdSliderLabel);
  customElements.define("crowd-toggle-button", CrowdToggleButton);
})();
