// Instructions and notices, and a plain word for the elements that aren't offered here.
"use strict";
(() => {
  const { CrowdElement, make, place } = window.groundTruthCrowd;

  const DIALOG = `
    dialog { max-width: min(46rem, 92vw); max-height: 88vh; border: 1px solid #b9c3bd; border-radius: 12px; padding: 1.5rem; color: inherit; }
    dialog::backdrop { background: rgb(0 0 0 / 45%); }
    dialog h2 { font-size: 1.25rem; color: inherit; margin: 0 0 1rem; }
    .close { float: right; padding: 0.35rem 0.8rem; border: 1px solid #b9c3bd; border-radius: 8px; background: #fff; cursor: pointer; }
    .open { border: 0; background: none; padding: 0; color: #1f6f5c; text-decoration: underline; cursor: pointer; }
  `;

  /** A link that opens `content` over the page; Escape closes it. */
  function opener(text, title, content) {
    const dialog = make(
      "dialog",
      { "aria-label": title || text },
      make("button", { type: "button", class: "close", onclick: () => dialog.close() }, "Close"),
      make("h2", {}, title || text),
      content,
    );
    const open = make("button", { type: "button", class: "open", onclick: () => dialog.showModal() }, text);
    return [open, dialog];
  }

  /** A tool's instructions: beside the object where there is room, folded above it where there isn't. */
  function help(host) {
    const short = place(host, "short-instructions", "short");
    const full = place(host, "full-instructions", "full");
    if (!short && !full) return null;
    const box = make(
      "details",
      { class: "help", open: window.matchMedia("(min-width: 52rem)").matches },
      make("summary", {}, "Instructions"),
      make("slot", { name: "short" }),
    );
    if (full) {
      const title = full.getAttribute("header");
      const content = make("slot", { name: "full" });
      box.append(make("p", {}, ...opener("View full instructions", title, content)));
    }
    return box;
  }

  class CrowdInstructions extends CrowdElement {
    static styles = `${DIALOG} .examples { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); }`;

    build() {
      place(this, "short-summary", "summary");
      place(this, "detailed-instructions", "detailed");
      this.querySelectorAll(":scope > positive-example").forEach((one) => (one.slot = "good"));
      this.querySelectorAll(":scope > negative-example").forEach((one) => (one.slot = "bad"));
      const content = make(
        "div",
        {},
        make("slot", { name: "summary" }),
        make("slot", { name: "detailed" }),
        make("div", { class: "examples" }, make("slot", { name: "good" }), make("slot", { name: "bad" })),
        make("slot"),
      );
      return opener(this.getAttribute("link-text") || "View instructions", "Instructions", content);
    }
  }

  class CrowdAlert extends CrowdElement {
    static styles = `
      div { border-radius: 8px; border: 1px solid; padding: 0.7rem 1rem; margin: 0.7rem 0; background: #eaf2fb; border-color: #9dbfe6; }
      :host([type="success"]) div { background: #e6f4ea; border-color: #98cba6; }
      :host([type="warning"]) div { background: #fdf3dc; border-color: #dfc078; }
      :host([type="error"]) div { background: #fbe9e6; border-color: #dd9d94; }
      button { float: right; border: 0; background: none; cursor: pointer; }
    `;

    build() {
      const box = make("div", { role: "status" });
      if (this.hasAttribute("dismissible")) {
        const away = () => this.remove();
        box.append(make("button", { type: "button", "aria-label": "Dismiss", onclick: away }, "✕"));
      }
      box.append(make("slot"));
      return [box];
    }
  }

  /** Plain layout: shows its children. */
  class Plain extends CrowdElement {
    build() {
      return [make("slot")];
    }
  }

  /** Refuses to be submitted: silence here would be an answer lost. */
  class NotOffered extends CrowdElement {
    static styles = "p { border: 1px solid #dfc078; background: #fdf3dc; border-radius: 8px; padding: 0.7rem 1rem; }";

    build() {
      const text = `<${this.localName}> is not offered here yet, so this task can't be answered.`;
      return [make("p", { role: "alert" }, text)];
    }

    problem() {
      return `${this.localName} is not offered here`;
    }
  }

  const PLAIN = ["crowd-badge", "crowd-card", "crowd-tab", "crowd-tabs"];
  const NOT_OFFERED = [
    "crowd-fab", "crowd-icon-button", "crowd-modal", "crowd-question-answer-generation",
    "crowd-rekognition-detect-moderation-labels", "crowd-slider", "crowd-text-ranking",
    "crowd-textract-analyze-document", "crowd-toast", "crowd-toggle-button",
  ];

  customElements.define("crowd-instructions", CrowdInstructions);
  customElements.define("crowd-alert", CrowdAlert);
  PLAIN.forEach((name) => customElements.define(name, class extends Plain {}));
  NOT_OFFERED.forEach((name) => customElements.define(name, class extends NotOffered {}));
  Object.assign(window.groundTruthCrowd, { DIALOG, help, opener });
})();
