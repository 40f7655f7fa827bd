// crowd-form: what is collected, when it may go, and how it leaves the page.
"use strict";
(() => {
  const { CrowdElement, make } = window.groundTruthCrowd;
  const NATIVE = "input, select, textarea";
  const NOT_ANSWERS = new Set(["button", "submit", "reset", "image", "file"]);

  /** Checkboxes and radio buttons of one name are one object: {"blurry": true, "dim": false}. */
  function addChoice(answer, name, value, checked) {
    const known = answer[name];
    const choices = typeof known === "object" && known !== null ? known : {};
    choices[value] = checked;
    answer[name] = choices;
  }

  function addNative(answer, control) {
    if (control.type === "checkbox" || control.type === "radio") {
      addChoice(answer, control.name, control.value, control.checked);
    } else if (control.multiple && control.selectedOptions) {
      answer[control.name] = [...control.selectedOptions].map((option) => option.value);
    } else {
      answer[control.name] = control.value;
    }
  }

  function addCrowd(answer, element) {
    if (element.choice) {
      const { value, checked } = element.choice;
      addChoice(answer, element.name, value, checked);
      return;
    }
    const value = element._submittableValue;
    if (value !== undefined) answer[element.name] = value; // an empty crowd-input gives no key
  }

  function reveal(node) {
    for (let tabs = node.closest("crowd-tabs"); tabs; tabs = tabs.parentElement.closest("crowd-tabs")) tabs.reveal(node);
  }

  const isCrowd = (element) => element instanceof CrowdElement && "_submittableValue" in element;

  class CrowdForm extends CrowdElement {
    build() {
      // Native controls, validation and `.form` need a real form among the light children
      this._form = make("form", { novalidate: false });
      this._form.append(...this.childNodes);
      this.append(this._form);
      if (!this.querySelector('crowd-button[form-action="submit"], button[type="submit"]')) {
        const button = make("crowd-button", {
          "form-action": "submit",
          variant: "primary",
          "data-testid": "crowd-submit",
        });
        button.textContent = "Submit";
        this._form.append(button);
      }
      // On the tree's root, so a template's own `onsubmit` has had its say before
      this.getRootNode().addEventListener("submit", (event) => {
        if (event.target !== this._form) return;
        const refused = event.defaultPrevented;
        event.preventDefault(); // the page itself never goes anywhere
        if (!refused) this._send();
      });
      this._form.addEventListener("reset", () => this._restart());
      // A native control on a tab that isn't shown can't be pointed at by the browser
      this._form.addEventListener("invalid", (event) => reveal(event.target), true);
      return null;
    }

    get form() {
      return this._form;
    }

    /** Unlike a native form's, this runs validation and `onsubmit`. */
    submit() {
      if (this._form) this._form.requestSubmit();
    }

    reset() {
      if (this._form) this._form.reset();
    }

    /** Everything inside; a tool that brought this form comes first. */
    _parts() {
      return [...(this.owner ? [this.owner] : []), ...this._form.querySelectorAll("*")];
    }

    _restart() {
      for (const element of this._parts()) if (element.restart) element.restart();
    }

    /** Everything inside, collapsed into one field: a JSON array with one object. */
    _serializeForm() {
      const answer = {};
      for (const element of this._parts()) {
        const counts = element.getAttribute("name") && !element.disabled;
        if (!counts) continue;
        if (isCrowd(element)) addCrowd(answer, element);
        else if (element.matches(NATIVE) && !NOT_ANSWERS.has(element.type)) {
          addNative(answer, element);
        }
      }
      return { taskAnswers: JSON.stringify([answer]) };
    }

    _send() {
      if (this._sent || !this._valid()) return;
      this._sent = true;
      this._submitHelperForm();
    }

    /** The portal didn't take the answer: the worker may change it and try again. */
    _release() {
      this._sent = false;
    }

    _valid() {
      let first = null;
      for (const element of this._parts()) {
        if (!(element instanceof CrowdElement)) continue;
        const problem = element.disabled ? null : element.problem();
        element.showProblem(problem);
        if (problem && !first) first = element;
      }
      if (first) {
        reveal(first);
        first.scrollIntoView({ block: "nearest" });
        first.focus();
      }
      return !first;
    }

    /** Replaced by the page that hosts the task; alone, the answer is only shown. */
    _submitHelperForm() {
      const box = make("pre", { id: "answers-box" }, this._serializeForm().taskAnswers);
      this.append(box);
    }
  }

  customElements.define("crowd-form", CrowdForm);
})();
