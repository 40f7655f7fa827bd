// crowd-entity-annotation: spans of a text, in code points, the end exclusive.
"use strict";
(() => {
  const { LabelTool, json5, make } = window.groundTruthCrowd;
  const WORDS = /[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_]+/gu;
  const points = (text) => [...text].length; // characters beyond U+FFFF are one

  class EntityTool extends LabelTool {
    static noun = "span";
    static styles = `${LabelTool.styles}
      .text { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 2.1; font-size: 1.05rem; padding: 0.8rem 1rem; border: 1px solid #c6cfca; border-radius: 8px; background: #fff; max-height: 62vh; overflow: auto; cursor: text; }
      mark { color: inherit; background: var(--soft); border-bottom: 3px solid var(--hue); padding: 0.15em 0; cursor: pointer; }
      mark.chosen { outline: 2px solid #14211c; outline-offset: 1px; }
      mark[data-tag]::after { content: attr(data-tag); font: 600 0.68rem/1.4 system-ui, sans-serif; color: #fff; background: var(--ink); border-radius: 4px; padding: 0.05rem 0.35rem; margin: 0 0.25rem; vertical-align: 0.15em; user-select: none; }
      crowd-form > form { display: flex; flex-direction: column; }
      crowd-button[data-testid="crowd-submit"] { order: 1; position: sticky; bottom: 0; margin: 1rem -1rem -1rem; padding: 0.7rem 1rem; background: #fff; border-top: 1px solid #d4dad6; text-align: right; }
      .here { box-shadow: 0 0 0 2px #0b5fff; border-radius: 2px; }
    `;

    /** Documented without a form around it: it brings its own, which templates add their questions to. */
    build() {
      const nodes = super.build();
      if (this.closest("crowd-form")) return nodes;
      const form = make("crowd-form");
      form.owner = this;
      form.append(...nodes);
      return [form];
    }

    restart() {
      this.change(() => this.restore(this._begun));
    }

    canvas() {
      this._text = this.getAttribute("text") || "";
      this._length = points(this._text);
      this._words = [...this._text.matchAll(WORDS)].map((found) => {
        const start = points(this._text.slice(0, found.index));
        return { start, end: start + points(found[0]) };
      });
      this._here = null; // the first and last word under the keyboard
      this._pane = make("div", { class: "text", tabindex: "0", role: "textbox", "aria-readonly": "true", "aria-multiline": "true", "aria-label": this.getAttribute("header") || "Text to label" });
      this._pane.addEventListener("pointerup", () => setTimeout(() => this._selected()));
      this._pane.addEventListener("click", (event) => this._pick(event));
      this._drop = this.button("Delete", () => this.chosen && this.remove(this.chosen), { key: "Delete" });
      this._bar.append(...this.history(), this._drop);
      const initial = json5(this.getAttribute("initial-value"), null);
      const given = Array.isArray(initial) ? initial : (initial && initial.entities) || [];
      this.things = given.map(({ label, startOffset, endOffset }) => ({ label: String(label), start: startOffset, end: endOffset }));
      this._begun = this.snapshot();
      const hint = "Choose a label, then select words with the mouse; a double click selects one. By keyboard: arrows go from word to word, with Shift to several, Enter marks them.";
      return [this._pane, make("p", { class: "hint" }, hint), make("slot", { name: "additional-questions" })];
    }

    get _submittableValue() {
      if (!this._pane) return undefined;
      const entities = this.things.map(({ label, start, end }) => ({ endOffset: end, label, startOffset: start }));
      return { entities };
    }

    describe({ start, end }) {
      const words = [...this._text].slice(start, end).join("");
      return `“${points(words) > 40 ? `${[...words].slice(0, 40).join("")}…` : words}”`;
    }

    /** With a span selected, the key or button gives it the label; the next ones get it, too. */
    activate(label) {
      const thing = this.chosen;
      if (thing && thing.label !== label) this.change(() => (this.things[this.things.indexOf(thing)].label = label));
      super.activate(label);
    }

    // -- marking

    _selected() {
      const range = this._range();
      if (!range) return;
      const start = this._offset(range.startContainer, range.startOffset);
      const end = this._offset(range.endContainer, range.endOffset);
      if (this._mark(start, end)) document.getSelection().removeAllRanges();
    }

    /** The selection inside this text; browsers differ in how a shadow tree tells. */
    _range() {
      const root = this.shadowRoot;
      const selection = root.getSelection ? root.getSelection() : document.getSelection();
      const found = root.getSelection || !selection.getComposedRanges
        ? selection.rangeCount && selection.getRangeAt(0)
        : selection.getComposedRanges({ shadowRoots: [root] })[0];
      const mine = found && !found.collapsed && this._pane.contains(found.startContainer);
      return mine ? found : null;
    }

    /** Everything before a place is text of the pane, so its length is the offset. */
    _offset(node, offset) {
      if (!this._pane.contains(node)) return this._length;
      const before = document.createRange();
      before.setStart(this._pane, 0);
      before.setEnd(node, offset);
      return points(before.toString());
    }

    /** Blanks at the ends are no part of a span. */
    _mark(from, to) {
      const text = [...this._text];
      let [start, end] = [from, to];
      while (start < end && /\s/u.test(text[start])) start++;
      while (end > start && /\s/u.test(text[end - 1])) end--;
      const label = this.active;
      if (start >= end || label === null) return false;
      const known = this.things.find((one) => one.start === start && one.end === end && one.label === label);
      if (!known) {
        const thing = { label, start, end };
        this.change(() => {
          this.things = [...this.things, thing].sort((a, b) => a.start - b.start || a.end - b.end);
        });
      }
      return true;
    }

    _pick(event) {
      if (this._range()) return;
      const mark = event.target.closest("mark");
      this.choose(mark ? this.things[Number(mark.dataset.thing)] : null);
    }

    key(event) {
      if (!event.composedPath().includes(this._pane)) return false;
      if (event.key === "ArrowRight" || event.key === "ArrowLeft") this._step(event.key === "ArrowRight" ? 1 : -1, event.shiftKey);
      else if (event.key === "Enter" && this._here) this._mark(this._words[this._here[0]].start, this._words[this._here[1]].end);
      else if (event.key === "Escape") this._here = this.chosen = null;
      else return false;
      this.refresh();
      return true;
    }

    _step(by, further) {
      const last = this._words.length - 1;
      if (last < 0) return;
      const at = this._here ? this._here[1] : by > 0 ? -1 : last + 1;
      const next = Math.min(Math.max(at + by, 0), last);
      this._here = further && this._here ? [Math.min(this._here[0], next), Math.max(this._here[0], next)] : [next, next];
    }

    // -- what is seen

    refresh() {
      super.refresh();
      if (!this._pane) return;
      this._drop.disabled = !this.chosen;
      this._pane.replaceChildren(...this._pieces());
    }

    /** The text cut at every boundary; where spans overlap the last one is on top. */
    _pieces() {
      const text = [...this._text];
      const here = this._here ? { start: this._words[this._here[0]].start, end: this._words[this._here[1]].end } : null;
      const ends = [0, this._length, ...this.things.flatMap(({ start, end }) => [start, end])];
      if (here) ends.push(here.start, here.end);
      const cuts = [...new Set(ends)].filter((at) => at >= 0 && at <= this._length).sort((a, b) => a - b);
      return cuts.slice(0, -1).map((start, index) => {
        const end = cuts[index + 1];
        const piece = this._piece(text.slice(start, end).join(""), start, end);
        if (here && start >= here.start && end <= here.end) piece.classList.add("here");
        return piece;
      });
    }

    _piece(words, start, end) {
      const over = this.things.filter((one) => one.start <= start && one.end >= end);
      const thing = over[over.length - 1];
      if (!thing) return make("span", {}, words);
      const found = this._labels.find((one) => one.label === thing.label);
      const tags = this.things.filter((one) => one.end === end).map((one) => (this._labels.find((each) => each.label === one.label) || { short: one.label }).short);
      const mark = make("mark", { "data-thing": this.things.indexOf(thing), title: over.map((one) => one.label).join(", "), "data-tag": tags.join(" ") || null, class: over.includes(this.chosen) ? "chosen" : null }, words);
      const hue = found ? found.color : "#55625c";
      mark.style.setProperty("--hue", hue);
      mark.style.setProperty("--soft", `${hue}33`);
      mark.style.setProperty("--ink", `color-mix(in srgb, ${hue}, #000 35%)`);
      return mark;
    }
  }

  customElements.define("crowd-entity-annotation", EntityTool);
})();
