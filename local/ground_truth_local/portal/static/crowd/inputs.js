// crowd-input, crowd-text-area, crowd-checkbox, crowd-radio-group and crowd-radio-button.
"use strict";
(() => {
  const { CrowdElement, changed, make } = window.groundTruthCrowd;

  const FIELD = `
    label { display: block; font-weight: 550; margin-bottom: 0.2rem; }
    input, textarea { width: 100%; padding: 0.5rem 0.65rem; border: 1px solid #7d8a83; border-radius: 8px; background: #fff; }
    :host { margin: 0.7rem 0; }
    .count { color: #55625c; font-size: 0.85rem; text-align: right; margin: 0; }
  `;
  const COPIED = ["placeholder", "type", "maxlength", "minlength", "rows", "readonly"];

  class TextField extends CrowdElement {
    static styles = FIELD;
    static observedAttributes = ["disabled"];

    build() {
      const label = this.getAttribute("label");
      this._field = make(this.constructor.control, { id: "field", "aria-describedby": "problem", "aria-label": label ? null : this._said() });
      this._copyAttributes();
      this._field.value = this._early ?? this.getAttribute("value") ?? "";
      this._field.addEventListener("beforeinput", (event) => this._filter(event));
      this._field.addEventListener("input", () => this._typed());
      this._field.addEventListener("change", () => changed(this));
      const nodes = [
        make("label", { for: "field" }, label || ""),
        this._field,
        make("p", { class: "problem", id: "problem", role: "alert" }),
      ];
      if (!label) nodes.shift();
      if (this.hasAttribute("char-counter")) {
        this._count = make("p", { class: "count" });
        nodes.push(this._count);
      }
      if (this.hasAttribute("auto-focus")) queueMicrotask(() => this._field.focus());
      this._showCount();
      return nodes;
    }

    attributeChangedCallback() {
      if (this._field) this._field.disabled = this.disabled;
    }

    /** What it is called where no label says so. */
    _said() {
      return this.getAttribute("aria-label") || this.getAttribute("placeholder") || this.name || "Text";
    }

    restart() {
      this._field.value = this.getAttribute("value") ?? "";
      this._typed();
    }

    get value() {
      return this._field ? this._field.value : (this._early ?? this.getAttribute("value") ?? "");
    }
    set value(text) {
      if (this._field) this._field.value = text;
      else this._early = text;
    }

    /** No key at all when nothing was written. */
    get _submittableValue() {
      return this.value === "" ? undefined : this.value;
    }

    problem() {
      if (this._broken) return this._broken;
      const said = this.getAttribute("error-message");
      if (this.value === "") {
        return this.hasAttribute("required") ? said || "Please fill in this field" : null;
      }
      const least = Number(this.getAttribute("min-length") || 0);
      if (this.value.length < least) return said || `Please write at least ${least} characters`;
      const pattern = this.getAttribute("allowed-pattern");
      if (pattern && !new RegExp(`^(?:${pattern})*$`, "u").test(this.value)) {
        return said || `Only these characters are allowed: ${pattern}`;
      }
      if (!this._field.checkValidity()) return said || this._field.validationMessage;
      return null;
    }

    _copyAttributes() {
      for (const name of COPIED) {
        const value = this.getAttribute(name) ?? this.getAttribute(name.replace("length", "-length"));
        if (value !== null) this._field.setAttribute(name, value);
      }
      this._field.disabled = this.disabled;
    }

    /** With auto-validate, characters that don't match are ignored as they are typed. */
    _filter(event) {
      const pattern = this.hasAttribute("auto-validate") && this.getAttribute("allowed-pattern");
      if (!pattern || !event.data) return;
      const one = new RegExp(`^(?:${pattern})$`, "u");
      if (![...event.data].every((character) => one.test(character))) event.preventDefault();
    }

    _typed() {
      if (this.hasAttribute("auto-validate")) this.showProblem(this.problem());
      else this.showProblem(null);
      this._showCount();
    }

    _showCount() {
      if (!this._count) return;
      const most = this.getAttribute("max-length");
      this._count.textContent = most ? `${this.value.length}/${most}` : `${this.value.length}`;
    }
  }

  class CrowdInput extends TextField {
    static control = "input";
  }

  /** Grows with what is written, up to `max-rows`. */
  class CrowdTextArea extends TextField {
    static control = "textarea";
    static styles = `${FIELD} textarea { field-sizing: content; min-height: 3.9rem; resize: vertical; display: block; }`;

    build() {
      const nodes = super.build();
      const [rows, most] = [this.getAttribute("rows"), this.getAttribute("max-rows")];
      if (rows) this._field.style.minHeight = `calc(${Number(rows)}lh + 1rem + 2px)`;
      if (most) this._field.style.maxHeight = `calc(${Number(most)}lh + 1rem + 2px)`;
      return nodes;
    }
  }

  const CHOICE = `
    :host { margin: 0.35rem 0; }
    label { display: inline-flex; gap: 0.6rem; align-items: baseline; cursor: pointer; padding: 0.15rem 0; }
    input { width: 1.1rem; height: 1.1rem; accent-color: #1f6f5c; flex: none; position: relative; top: 0.15rem; }
    :host([disabled]) label { opacity: 0.5; cursor: default; }
  `;

  class Choice extends CrowdElement {
    static styles = CHOICE;
    static observedAttributes = ["disabled"];

    build() {
      this._box = make("input", { type: this.constructor.control });
      this._box.checked = this._early ?? this.hasAttribute("checked");
      this._box.disabled = this.disabled;
      this._box.addEventListener("change", () => {
        this.showProblem(null);
        this._chosen();
        changed(this);
      });
      const text = make("span", {}, make("slot"));
      return [
        make("label", {}, this._box, text),
        make("p", { class: "problem", role: "alert" }),
      ];
    }

    attributeChangedCallback() {
      if (this._box) this._box.disabled = this.disabled;
    }

    get value() {
      return this.getAttribute("value") ?? "on";
    }
    set value(text) {
      this.setAttribute("value", text);
    }
    get checked() {
      return this._box ? this._box.checked : (this._early ?? this.hasAttribute("checked"));
    }
    set checked(on) {
      if (this._box) this._box.checked = Boolean(on);
      else this._early = Boolean(on);
      if (on) this._chosen();
    }
    get choice() {
      return { value: this.value, checked: this.checked };
    }
    get _submittableValue() {
      return { [this.value]: this.checked };
    }

    restart() {
      this._box.checked = this.hasAttribute("checked");
    }

    problem() {
      const missing = this.constructor.wanted && this.hasAttribute("required") && !this.checked;
      return this._broken || (missing ? this.constructor.wanted : null);
    }

    _chosen() {}
  }

  class CrowdCheckbox extends Choice {
    static control = "checkbox";
    static wanted = "Please tick this box";
  }

  class CrowdRadioButton extends Choice {
    static control = "radio";

    /** The others of the group: a shadow tree keeps native radio buttons from knowing each other. */
    get siblings() {
      const group = this.closest("crowd-radio-group");
      const where = group || this.closest("form") || document;
      const all = [...where.querySelectorAll("crowd-radio-button")];
      return group ? all : all.filter((other) => other.name === this.name);
    }

    build() {
      const nodes = super.build();
      this._box.addEventListener("keydown", (event) => this._step(event));
      return nodes;
    }

    _chosen() {
      for (const other of this.siblings) {
        if (other !== this && other.checked) other.checked = false;
      }
    }

    _step(event) {
      const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const all = this.siblings.filter((one) => !one.disabled);
      const next = all[(all.indexOf(this) + by + all.length) % all.length];
      next.checked = true;
      next.focus();
      changed(next);
    }
  }

  class CrowdRadioGroup extends CrowdElement {
    static styles = ":host { margin: 0.7rem 0; }";

    build() {
      this.setAttribute("role", "radiogroup");
      return [make("slot"), make("p", { class: "problem", role: "alert" })];
    }

    problem() {
      if (!this.hasAttribute("required")) return null;
      const chosen = [...this.querySelectorAll("crowd-radio-button")].some((one) => one.checked);
      return chosen ? null : "Please choose one";
    }
  }

  customElements.define("crowd-input", CrowdInput);
  customElements.define("crowd-text-area", CrowdTextArea);
  customElements.define("crowd-checkbox", CrowdCheckbox);
  customElements.define("crowd-radio-button", CrowdRadioButton);
  customElements.define("crowd-radio-group", CrowdRadioGroup);
  Object.assign(window.groundTruthCrowd, { Choice });
})();
