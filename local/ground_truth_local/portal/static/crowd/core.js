// What every crowd element here is made of. Our own implementation of the documented behaviour
// ("Crowd HTML Elements Reference"); it needs no network.
"use strict";
window.groundTruthCrowd = (() => {
  /** What the server knows of the elements: the names of those that ask, and why some are absent. */
  const reference = JSON.parse(document.currentScript.dataset.elements);
  const waiting = [];
  let parsed = document.readyState !== "loading";

  /** Runs once all children of the document exist: custom elements start before theirs do. */
  function whenParsed(action) {
    if (parsed) action();
    else waiting.push(action);
  }
  function finishParsing() {
    parsed = true;
    waiting.splice(0).forEach((action) => action());
  }

  /** Attributes are JSON5: most templates use single quotes, bare keys or trailing commas. */
  function json5(text, fallback) {
    if (text === null || text.trim() === "") return fallback;
    return JSON5.parse(text);
  }

  /** A small builder: make("p", {class: "x"}, "text", child). Text is never parsed as markup. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) {
        element.setAttribute(name, value);
      }
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  const STYLE = `
    :host { display: block; font: inherit; color: #1b2420; }
    :host([hidden]) { display: none !important; }
    * { box-sizing: border-box; }
    button, input, textarea { font: inherit; color: inherit; }
    :focus-visible { outline: 3px solid #0b5fff; outline-offset: 2px; }
    .problem { color: #a5281b; font-size: 0.9rem; margin: 0.3rem 0 0; }
    .problem:empty { display: none; }
  `;

  /**
   * Base of all elements: `build()` runs once, when the children are there, and `styles` and the
   * nodes it returns become the shadow tree.
   */
  class CrowdElement extends HTMLElement {
    connectedCallback() {
      if (this._planned) return;
      this._planned = true;
      whenParsed(() => this._assemble());
    }

    _assemble() {
      if (this._built || !this.isConnected) return;
      this._built = true;
      let nodes;
      try {
        nodes = this.build();
      } catch (error) {
        this._broken = `${this.localName}: ${error.message}`;
        nodes = [make("p", { class: "problem", role: "alert" }, this._broken)];
      }
      if (!nodes) return;
      const root = this.attachShadow({ mode: "open", delegatesFocus: true });
      const style = document.createElement("style");
      style.textContent = STYLE + (this.constructor.styles || "");
      root.append(style, ...nodes);
    }

    /** Why the form can't be submitted because of this element; null when it can. */
    problem() {
      return this._broken || null;
    }

    /** Shows or clears the problem beside the element. */
    showProblem(text) {
      const place = this.shadowRoot && this.shadowRoot.querySelector(".problem");
      if (place && !this._broken) place.textContent = text || "";
    }

    get name() {
      return this.getAttribute("name") || "";
    }
    set name(value) {
      this.setAttribute("name", value);
    }
    get disabled() {
      return this.hasAttribute("disabled");
    }
    set disabled(value) {
      this.toggleAttribute("disabled", Boolean(value));
    }
  }

  /** Puts a light child into the slot of this name. */
  function place(host, selector, slot) {
    const found = host.querySelector(`:scope > ${selector}`);
    if (found) found.slot = slot;
    return found;
  }

  function changed(element) {
    element.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    element.dispatchEvent(new Event("change", { bubbles: true, composed: true }));
  }

  /** Whether a key is meant for an element: two questions on a page, and the one with the focus listens. */
  const QUESTIONS = reference.questions.join(", ");
  function hears(host, event) {
    const alone = document.querySelectorAll(QUESTIONS).length === 1;
    return host.isConnected && (alone || event.composedPath().includes(host));
  }

  const TYPED = "textarea, select, input:not([type=radio], [type=checkbox], [type=range])";
  const inText = (event) => event.composedPath().some((node) => node.matches && node.matches(TYPED));

  return { CrowdElement, changed, finishParsing, hears, inText, json5, make, place, reference };
})();
