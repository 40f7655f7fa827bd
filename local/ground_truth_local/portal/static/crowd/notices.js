// crowd-alert, crowd-toast, crowd-badge, crowd-card, and a plain word for what isn't offered here.
"use strict";
(() => {
  const { CrowdElement, ICON, icon, make, reference } = window.groundTruthCrowd;

  class CrowdAlert extends CrowdElement {
    static styles = `
      .box { border-radius: 8px; border: 1px solid; padding: 0.7rem 1rem; margin: 0.7rem 0; background: #eaf2fb; border-color: #9dbfe6; }
      :host([type="success"]) .box { background: #e6f4ea; border-color: #98cba6; }
      :host([type="warning"]) .box { background: #fdf3dc; border-color: #dfc078; }
      :host([type="error"]) .box { background: #fbe9e6; border-color: #dd9d94; }
      button { float: right; border: 0; background: none; cursor: pointer; min-width: 1.5rem; min-height: 1.5rem; }
    `;

    build() {
      const box = make("div", { class: "box", role: this.getAttribute("type") === "error" ? "alert" : "status" });
      if (this.hasAttribute("dismissible")) {
        const away = () => this.remove();
        box.append(make("button", { type: "button", "aria-label": "Dismiss", onclick: away }, "✕"));
      }
      box.append(make("slot"));
      return [box];
    }
  }

  const TOAST_MS = 3000;

  /** One at a time: the next takes the place of the one before. */
  class CrowdToast extends CrowdElement {
    static observedAttributes = ["opened", "text"];
    static styles = `
      :host { position: fixed; left: 1rem; bottom: 4.5rem; z-index: 5; max-width: min(30rem, calc(100vw - 2rem)); }
      :host(:not([opened])) { display: none; }
      .box { background: #26312c; color: #fff; border-radius: 8px; padding: 0.75rem 1.1rem; box-shadow: 0 3px 12px rgb(0 0 0 / 35%); overflow-wrap: anywhere; }
    `;

    build() {
      this._words = make("span", {}, this.getAttribute("text") || "");
      if (this.opened) this._show();
      return [make("div", { class: "box", role: "status" }, this._words, make("slot"))];
    }

    attributeChangedCallback(name) {
      if (!this._built) return;
      if (name === "text") this._words.textContent = this.getAttribute("text") || "";
      else if (this.opened) this._show();
    }

    get opened() {
      return this.hasAttribute("opened");
    }
    set opened(yes) {
      this.toggleAttribute("opened", Boolean(yes));
    }
    show() {
      this.opened = true;
    }
    hide() {
      this.opened = false;
    }

    _show() {
      for (const other of document.querySelectorAll("crowd-toast[opened]")) if (other !== this) other.hide();
      clearTimeout(this._timer);
      const given = this.getAttribute("duration");
      const time = given === null ? TOAST_MS : Number(given);
      if (time > 0 && Number.isFinite(time)) this._timer = setTimeout(() => this.hide(), time);
    }
  }

  /** Lies over the upper right corner of the element named by `for`, by default its parent. */
  class CrowdBadge extends CrowdElement {
    static styles = `${ICON}
      :host { position: absolute; z-index: 1; pointer-events: none; }
      .badge { display: grid; place-items: center; min-width: 1.6rem; height: 1.6rem; padding: 0 0.3rem; border-radius: 99px; background: #a5281b; color: #fff; font-size: 0.8rem; font-weight: 650; }
    `;

    build() {
      const name = this.getAttribute("icon");
      const text = this.getAttribute("label") || "";
      const said = this.getAttribute("aria-label") || (name ? name : null);
      const id = this.getAttribute("for");
      this._target = (id && document.getElementById(id)) || this.parentElement;
      if (this._target) {
        const follow = new ResizeObserver(() => this._follow());
        follow.observe(this._target);
        follow.observe(document.documentElement);
      }
      return [make("span", { class: "badge", role: "img", "aria-label": said || text }, name ? icon(name) : text)];
    }

    _follow() {
      const target = this._target.getBoundingClientRect();
      const own = this.getBoundingClientRect();
      const frame = this.offsetParent ? this.offsetParent.getBoundingClientRect() : { left: -scrollX, top: -scrollY };
      const most = document.documentElement.clientWidth - own.width;
      const left = Math.min(Math.max(target.right - own.width / 2, 0), most);
      this.style.left = `${left - frame.left}px`;
      this.style.top = `${Math.max(target.top - own.height / 2, -scrollY) - frame.top}px`;
    }
  }

  class CrowdCard extends CrowdElement {
    static styles = `
      :host { display: block; margin: 0.7rem 0; }
      .card { border: 1px solid #d4dad6; border-radius: 10px; background: #fff; box-shadow: 0 2px 7px rgb(0 0 0 / 14%); overflow: hidden; }
      .card > img { display: block; width: 100%; max-height: 16rem; object-fit: cover; }
      .heading { font-size: 1.15rem; font-weight: 650; margin: 0; padding: 0.9rem 1rem 0; }
      .content { padding: 0.6rem 1rem 0.9rem; }
    `;

    build() {
      const [heading, image] = [this.getAttribute("heading"), this.getAttribute("image")];
      return [
        make(
          "div",
          { class: "card" },
          image ? make("img", { src: image, alt: this.getAttribute("alt") || "" }) : null,
          heading ? make("p", { class: "heading", role: "heading", "aria-level": "2" }, heading) : null,
          make("div", { class: "content" }, make("slot")),
        ),
      ];
    }
  }

  /** Refuses to be submitted: silence here would be an answer lost. */
  class NotOffered extends CrowdElement {
    static styles = "p { border: 1px solid #dfc078; background: #fdf3dc; border-radius: 8px; padding: 0.7rem 1rem; }";

    build() {
      const why = reference.absent[this.localName];
      return [make("p", { role: "alert" }, `<${this.localName}> is not offered here, so this task can't be answered: ${why}.`)];
    }

    problem() {
      return `${this.localName} is not offered here`;
    }
  }

  customElements.define("crowd-alert", CrowdAlert);
  customElements.define("crowd-toast", CrowdToast);
  customElements.define("crowd-badge", CrowdBadge);
  customElements.define("crowd-card", CrowdCard);
  for (const name of Object.keys(reference.absent)) customElements.define(name, class extends NotOffered {});
})();
