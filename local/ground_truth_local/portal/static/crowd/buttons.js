// crowd-button, crowd-icon-button, crowd-fab, and the icon that templates put into them.
"use strict";
(() => {
  const { CrowdElement, ICON, icon, make } = window.groundTruthCrowd;

  /** What all buttons do; the element itself is what templates listen to. */
  class Button extends CrowdElement {
    static observedAttributes = ["disabled", "loading"];

    attributeChangedCallback() {
      if (this._button) this._reflect();
    }

    _reflect() {
      this._button.disabled = this.disabled;
    }

    /** A click on one that is switched off reaches no listener of a template's. */
    connectedCallback() {
      super.connectedCallback();
      this.addEventListener("click", (event) => {
        if (this.disabled || this.hasAttribute("loading")) event.stopImmediatePropagation();
      });
    }
  }

  class CrowdButton extends Button {
    static styles = `${ICON}
      :host { display: inline-block; vertical-align: middle; margin: 0.6rem 0.4rem 0.6rem 0; }
      .button { display: inline-flex; gap: 0.45rem; align-items: center; padding: 0.5rem 1.1rem; border-radius: 8px; border: 1px solid #7d8a83; background: #fff;
        font-weight: 550; cursor: pointer; text-decoration: none; color: inherit; }
      .button.right { flex-direction: row-reverse; }
      .button:hover { border-color: #1b2420; }
      :host([variant="primary"]) .button { background: #1f6f5c; border-color: #1f6f5c; color: #fff; }
      :host([variant="primary"]) .button:hover { background: #185a4a; }
      :host([variant="link"]) .button { border-color: transparent; background: none; color: #1f6f5c; padding-inline: 0; text-decoration: underline; }
      :host([variant="icon"]) .button { padding: 0.5rem; }
      :host([variant="icon"]) .words { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
      .button:disabled, .button[aria-disabled="true"] { opacity: 0.5; cursor: default; }
      .turning { width: 1em; height: 1em; border-radius: 50%; border: 2px solid currentColor; border-right-color: transparent; animation: turn 1s linear infinite; }
      .button:not([aria-busy="true"]) .turning { display: none; }
      @keyframes turn { to { rotate: 1turn; } }
      @media (prefers-reduced-motion: reduce) { .turning { animation: none; } }
    `;

    build() {
      const href = this.getAttribute("href");
      const side = this.getAttribute("icon-align") === "right" ? "button right" : "button";
      const look = this.getAttribute("icon-url") || this.getAttribute("icon");
      this._button = href
        ? make("a", { class: side, href, target: this.getAttribute("target"), rel: "noreferrer" })
        : make("button", { class: side, type: "button" });
      this._button.append(
        make("span", { class: "turning", "aria-hidden": "true" }),
        ...(look ? [icon(look)] : []),
        make("span", { class: "words" }, make("slot")),
      );
      this._reflect();
      this.addEventListener("click", () => this._act());
      return [this._button];
    }

    _reflect() {
      const off = this.disabled || this.hasAttribute("loading");
      this._button.setAttribute("aria-busy", String(this.hasAttribute("loading")));
      if ("disabled" in this._button) this._button.disabled = off;
      else this._button.setAttribute("aria-disabled", String(off));
    }

    _act() {
      const form = this.closest("form");
      const action = this.getAttribute("form-action");
      if (form && action === "submit") form.requestSubmit();
      if (form && action === "reset") form.reset();
    }
  }

  /** An icon that can be clicked; its title is its name. */
  class CrowdIconButton extends Button {
    static styles = `${ICON}
      :host { display: inline-block; vertical-align: middle; margin: 0.2rem; }
      button { display: inline-grid; place-items: center; width: 2.5rem; height: 2.5rem; border: 0; border-radius: 50%; background: none; cursor: pointer; }
      button:hover { background: #e6f0ec; }
      button:active { background: #c9e0d8; }
      button:disabled { opacity: 0.5; cursor: default; background: none; }
    `;

    build() {
      const name = this.getAttribute("icon") || "";
      const said = this.getAttribute("aria-label") || this.getAttribute("title") || this.getAttribute("label") || name;
      this._button = make("button", { type: "button", "aria-label": said }, this.face(name));
      this._reflect();
      return [this._button];
    }

    face(name) {
      return name ? icon(name) : "";
    }
  }

  class CrowdFab extends CrowdIconButton {
    static styles = `${CrowdIconButton.styles}
      button { width: 3.4rem; height: 3.4rem; background: #1f6f5c; color: #fff; box-shadow: 0 3px 8px rgb(0 0 0 / 30%); font-weight: 650; font-size: 1.1rem; }
      button:hover { background: #185a4a; }
      button:active { background: #123f34; }
      button:disabled { background: #1f6f5c; }
    `;

    /** One character where there is no icon; more than fits is cut. */
    face(name) {
      const label = this.getAttribute("label") || "";
      if (name || !label) return super.face(name);
      return [...label].length > 2 ? "…" : label;
    }
  }

  class IronIcon extends CrowdElement {
    static styles = `${ICON} :host { display: inline-block; }`;

    build() {
      return [icon(this.getAttribute("icon") || "")];
    }
  }

  customElements.define("crowd-button", CrowdButton);
  customElements.define("crowd-icon-button", CrowdIconButton);
  customElements.define("crowd-fab", CrowdFab);
  customElements.define("iron-icon", IronIcon);
})();
