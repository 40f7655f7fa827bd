// crowd-semantic-segmentation and crowd-instance-segmentation.
"use strict";
(() => {
  const { MaskTool, changed, color } = window.groundTruthCrowd;
  const MOST = 255; // a mask's numbers are bytes

  class Semantic extends MaskTool {
    static noun = "label";

    begin() {
      this.layer.colors = this._labels.map((one) => one.color);
      if (this._labels.length > MOST) this.fail(`${this._labels.length} labels, at most ${MOST} can be painted here`);
    }
    numbers({ labelMappings = {} }) {
      return new Map(
        this.labels.flatMap((label, index) => {
          const hue = labelMappings[label] && labelMappings[label].color;
          return hue ? [[String(hue).toLowerCase(), index + 1]] : [];
        }),
      );
    }
    ready() {
      return this.active !== null;
    }
    number() {
      return this.labels.indexOf(this.active) + 1;
    }
    erase({ label }) {
      this.layer.clear(this.labels.indexOf(label) + 1);
    }
    repainted() {
      this.things = this.layer.used().map((number) => ({ label: this.labels[number - 1] }));
      this.refresh();
      changed(this);
    }
    choose({ label }) {
      this.activate(label);
    }

    get _submittableValue() {
      if (!this._started) return undefined;
      const used = this.layer.used().map((number) => this._labels[number - 1]);
      const labelMappings = Object.fromEntries(used.map((one) => [one.label, { color: one.color }]));
      return this.mask({ labelMappings });
    }
  }

  class Instance extends MaskTool {
    static noun = "instance";
    static hint = `${MaskTool.hint} N begins a new instance of the chosen label.`;

    tools() {
      this._next = this.button("New instance", () => this._new(), { key: "N" });
      return [...super.tools(), this._next];
    }

    begin({ instances = [] }) {
      this.things = instances.map(({ color: hue, label }, index) => ({ label: String(label), color: String(hue).toLowerCase(), number: index + 1 }));
      this._listed();
    }
    numbers() {
      return new Map(this.things.map((thing) => [thing.color, thing.number]));
    }
    _listed() {
      this.layer.colors = this.things.reduce((all, { color: hue, number }) => {
        all[number - 1] = hue;
        return all;
      }, Array.from({ length: Math.max(0, ...this.things.map((one) => one.number)) }, () => "#000000"));
    }

    /** Painting goes into the chosen instance; without one, a new one of the active label begins. */
    ready() {
      if (!this.things.includes(this.chosen)) this._new();
      return Boolean(this.chosen);
    }

    _new() {
      const taken = new Set(this.things.map((one) => one.number));
      const hues = new Set(this.things.map((one) => one.color));
      const number = Array.from({ length: MOST }, (_, index) => index + 1).find((one) => !taken.has(one));
      if (this.active === null || !number) return;
      let hue = number - 1;
      while (hues.has(color(hue))) hue++;
      const thing = { label: this.active, color: color(hue), number };
      this.things = [...this.things.filter((one) => this.layer.used().includes(one.number)), thing];
      this._listed();
      this.choose(thing);
    }

    number() {
      return this.chosen.number;
    }
    erase(thing) {
      this.layer.clear(thing.number);
      this.things = this.things.filter((one) => one !== thing);
      if (this.chosen === thing) this.chosen = null;
    }
    activate(label) {
      if (label !== this.active) this.chosen = null;
      super.activate(label);
    }
    choose(thing) {
      if (thing) this.active = thing.label;
      super.choose(thing);
    }
    restore(snapshot, forward) {
      super.restore(snapshot, forward);
      this._listed();
      this.layer.show();
    }
    repainted() {
      this._listed();
      this.layer.show();
      this.refresh();
      changed(this);
    }
    key(event) {
      if (event.key.toLowerCase() !== "n") return super.key(event);
      this._new();
      return true;
    }
    problem() {
      const used = this._started ? this.layer.used() : [];
      const empty = this.things.find((one) => !used.includes(one.number));
      if (empty && this.things.length > used.length && !used.length) return `Please paint the ${empty.label}, or delete it`;
      return super.problem();
    }

    get _submittableValue() {
      if (!this._started) return undefined;
      const used = this.layer.used();
      const seen = this.things.filter((one) => used.includes(one.number));
      return this.mask({ instances: seen.map(({ color: hue, label }) => ({ color: hue, label })) });
    }
  }

  customElements.define("crowd-semantic-segmentation", Semantic);
  customElements.define("crowd-instance-segmentation", Instance);
})();
