// What the drawing and text tools share: instructions, labels with their keys, undo, the problem.
"use strict";
(() => {
  const { CrowdElement, DIALOG, changed, color, hears, help, inText, json5, make } = window.groundTruthCrowd;

  const STYLE = `
    ${DIALOG}
    .work { margin-bottom: 1.2rem; display: grid; grid-template-columns: minmax(11rem, 14rem) minmax(0, 1fr) minmax(12rem, 15rem); grid-template-areas: "help object labels" "help object list"; grid-template-rows: auto 1fr; gap: 0.8rem 1.25rem; align-items: start; }
    .work.alone { grid-template-columns: minmax(0, 1fr) minmax(12rem, 15rem); grid-template-areas: "object labels" "object list"; }
    .help { grid-area: help; border-right: 1px solid #d4dad6; padding-right: 1.25rem; overflow-wrap: break-word; }
    .help summary, h2 { font-size: 0.85rem; font-weight: 650; color: #55625c; margin: 0 0 0.5rem; }
    .help summary { cursor: pointer; }
    .object { grid-area: object; min-width: 0; }
    .header { font-size: 1.15rem; margin: 0 0 0.6rem; font-weight: 650; }
    .labels { grid-area: labels; }
    .list { grid-area: list; }
    .bar { display: flex; flex-wrap: wrap; gap: 0.3rem; margin-bottom: 0.5rem; align-items: center; }
    .bar button, .things button { padding: 0.3rem 0.65rem; border: 1px solid #b9c3bd; border-radius: 7px; background: #fff; cursor: pointer; font-size: 0.9rem; }
    .bar button:hover:not(:disabled) { border-color: #55625c; }
    .bar button[aria-pressed="true"] { background: #e6f0ec; border-color: #1f6f5c; }
    .bar button:disabled { opacity: 0.45; cursor: default; }
    .bar .group { display: flex; gap: 0.3rem; margin-left: auto; }
    .bar label { display: flex; gap: 0.4rem; align-items: center; font-size: 0.9rem; }
    .zoom { font-variant-numeric: tabular-nums; }
    ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.3rem; }
    .choices button { width: 100%; display: flex; gap: 0.6rem; align-items: center; text-align: left; padding: 0.4rem 0.6rem; border: 1px solid #c6cfca; border-radius: 8px; background: #fff; cursor: pointer; overflow-wrap: anywhere; }
    .choices button[aria-checked="true"] { border-color: #1f6f5c; background: #e6f0ec; box-shadow: inset 0 0 0 1px #1f6f5c; }
    .swatch { width: 0.9rem; height: 0.9rem; border-radius: 3px; flex: none; border: 1px solid rgb(0 0 0 / 25%); }
    .grow { flex: 1; min-width: 0; }
    kbd { font: 0.8rem/1.5 ui-monospace, monospace; color: #55625c; border: 1px solid #c6cfca; border-radius: 5px; padding: 0 0.4rem; background: #fff; }
    .things { max-height: 40vh; overflow: auto; }
    .things li { display: flex; gap: 0.3rem; }
    .things .pick { flex: 1; display: flex; gap: 0.5rem; align-items: center; text-align: left; min-width: 0; overflow-wrap: anywhere; }
    .things .pick[aria-pressed="true"] { background: #e6f0ec; border-color: #1f6f5c; }
    .none { display: flex; gap: 0.5rem; align-items: center; margin-top: 0.7rem; }
    .none input { width: 1.1rem; height: 1.1rem; accent-color: #1f6f5c; }
    .hint { color: #55625c; font-size: 0.85rem; margin: 0.4rem 0 0; }
    @media (max-width: 52rem) {
      .work, .work.alone { grid-template-columns: minmax(0, 1fr); grid-template-areas: "help" "labels" "object" "list"; grid-template-rows: none; }
      .work.alone { grid-template-areas: "labels" "object" "list"; }
      .help { border-right: 0; border-bottom: 1px solid #d4dad6; padding: 0 0 0.6rem; }
      .choices { display: flex; flex-wrap: wrap; }
      .choices button { width: auto; }
      .list, .labels { min-width: 0; }
    }
  `;

  /** `things` are what was drawn, each with a `label`; subclasses show and make them. */
  class LabelTool extends CrowdElement {
    static styles = STYLE;
    static noun = "thing";

    build() {
      this.things = [];
      this.chosen = null;
      this._past = [];
      this._future = [];
      this.labels = this._given ?? json5(this.getAttribute("labels"), []);
      this.active = this._labels.length ? this._labels[0].label : null;
      this._choices = make("ul", { class: "choices", role: "radiogroup", "aria-label": "Labels" });
      this._list = make("ul", { class: "things" });
      this._count = make("h2", {});
      this._bar = make("div", { class: "bar", role: "toolbar", "aria-label": "Tools" });
      this._none = make("input", { type: "checkbox", onchange: () => this._emptied() });
      const header = this.getAttribute("header");
      const aid = help(this);
      const work = make(
        "div",
        { class: aid ? "work" : "work alone" },
        aid,
        make("div", { class: "labels" }, make("h2", {}, "Labels"), this._choices),
        make(
          "div",
          { class: "object" },
          header ? make("p", { class: "header" }, header) : null,
          this._bar,
          ...this.canvas(),
          make("p", { class: "problem", role: "alert" }),
          make("slot"),
        ),
        make("div", { class: "list" }, this._count, this._list, make("label", { class: "none" }, this._none, "Nothing to label")),
      );
      document.addEventListener("keydown", (event) => this._key(event));
      this.refresh();
      return [work];
    }

    /** A list of names or of {label, shortDisplayName}; templates may set it later. */
    get labels() {
      return (this._labels ?? []).map((one) => one.label);
    }
    set labels(list) {
      this._given = list;
      if (!this.things) return;
      const given = typeof list === "string" ? json5(list, []) : list;
      if (!Array.isArray(given)) throw new Error("labels must be a list");
      const colors = json5(this.getAttribute("label-colors"), {});
      this._labels = given.map((one, number) => {
        const label = String(one.label ?? one);
        const shown = one.fullDisplayName || label;
        const hue = Array.isArray(colors) ? colors[number] : colors[label];
        return { label, shown, short: one.shortDisplayName || shown, color: hue || color(number) };
      });
      if (this._choices) this.refresh();
    }

    _emptied() {
      this.showProblem(null);
      changed(this);
    }

    problem() {
      if (this._broken) return this._broken;
      const said = this.things.length > 0 || this._none.checked;
      return said ? null : 'Please mark something, or tick "Nothing to label"';
    }

    colorOf(label) {
      const found = this._labels.find((one) => one.label === label);
      return found ? found.color : "#55625c";
    }

    get value() {
      return this._submittableValue;
    }

    /** Everything that changes the answer goes through here, so that it can be undone. */
    change(action) {
      const before = this.snapshot();
      action();
      this._past.push(before);
      if (this._past.length > this.steps) this._past.shift();
      this._future = [];
      this.showProblem(null);
      this.refresh();
      changed(this);
    }

    /** How many changes can be undone. */
    get steps() {
      return 100;
    }

    snapshot() {
      return JSON.stringify(this.things);
    }
    restore(snapshot) {
      this.things = JSON.parse(snapshot);
    }

    undo() {
      this._travel(this._past, this._future, false);
    }
    redo() {
      this._travel(this._future, this._past, true);
    }

    _travel(from, to, forward) {
      if (!from.length) return;
      to.push(this.snapshot());
      this.restore(from.pop(), forward);
      this.chosen = null;
      this.showProblem(null);
      this.refresh();
      changed(this);
    }

    /** Undo and redo, for the toolbar. */
    history() {
      this._undo = this.button("Undo", () => this.undo(), { key: "Ctrl+Z" });
      this._redo = this.button("Redo", () => this.redo(), { key: "Ctrl+Shift+Z" });
      return [this._undo, this._redo];
    }

    restart() {
      while (this._past.length) this.undo();
      this._none.checked = false;
    }

    remove(thing) {
      this.change(() => {
        this.things = this.things.filter((one) => one !== thing);
        if (this.chosen === thing) this.chosen = null;
      });
    }

    choose(thing) {
      this.chosen = thing;
      this.refresh();
    }

    /** The label for what comes next. */
    activate(label) {
      this.active = label;
      this.refresh();
    }

    // -- what subclasses add

    canvas() {
      return [];
    }
    describe(_thing) {
      return "";
    }
    /** True when the key meant something. */
    key(_event) {
      return false;
    }

    refresh() {
      this._choices.replaceChildren(...this._labels.map((one, number) => this._choice(one, number + 1)));
      const { noun, plural = `${noun}s` } = this.constructor;
      this._count.textContent = `${this.things.length} ${this.things.length === 1 ? noun : plural}`;
      this._list.replaceChildren(...this.things.map((thing) => this._thing(thing)));
      if (this.things.length) this._none.checked = false;
      this._none.disabled = this.things.length > 0;
      if (!this._undo) return;
      this._undo.disabled = !this._past.length;
      this._redo.disabled = !this._future.length;
    }

    _choice({ label, shown, color: hue }, number) {
      const key = number <= 10 ? String(number % 10) : null;
      const button = make(
        "button",
        { type: "button", role: "radio", "aria-checked": String(label === this.active), onclick: () => this.activate(label) },
        this._swatch(hue),
        make("span", { class: "grow" }, shown),
        key ? make("kbd", { title: `Key ${key}` }, key) : null,
      );
      return make("li", {}, button);
    }

    _thing(thing) {
      const pick = make(
        "button",
        { type: "button", class: "pick", "aria-pressed": String(thing === this.chosen), onclick: () => this.choose(thing) },
        this._swatch(thing.color || this.colorOf(thing.label)),
        make("span", { class: "grow" }, `${thing.label} ${this.describe(thing)}`),
      );
      const away = () => this.remove(thing);
      return make("li", {}, pick, make("button", { type: "button", "aria-label": `Delete ${thing.label}`, onclick: away }, "✕"));
    }

    _swatch(hue) {
      const swatch = make("span", { class: "swatch" });
      swatch.style.background = hue;
      return swatch;
    }

    /** A button of the toolbar; `key` is told in its title. */
    button(text, action, { key = "", ...more } = {}) {
      const title = key ? `Key ${key}` : undefined;
      return make("button", { type: "button", title, onclick: action, ...more }, text);
    }

    _key(event) {
      if (!hears(this, event) || event.defaultPrevented || event.altKey || inText(event)) return;
      if (this._common(event) || (!event.ctrlKey && !event.metaKey && this.key(event))) event.preventDefault();
    }

    _common(event) {
      if (event.ctrlKey || event.metaKey) {
        const key = event.key.toLowerCase();
        if (key !== "z" && key !== "y") return false;
        if (key === "y" || event.shiftKey) this.redo();
        else this.undo();
        return true;
      }
      if (/^[0-9]$/.test(event.key)) {
        const one = this._labels[(Number(event.key) + 9) % 10];
        if (one) this.activate(one.label);
        return Boolean(one);
      }
      if ((event.key === "Delete" || event.key === "Backspace") && this.chosen) {
        this.remove(this.chosen);
        return true;
      }
      return false;
    }
  }

  Object.assign(window.groundTruthCrowd, { LabelTool });
})();
