// Instructions, windows over the page, and tabs.
"use strict";
(() => {
  const { CrowdElement, make, place } = window.groundTruthCrowd;

  const DIALOG = `
    dialog { min-width: min(20rem, 80vw); max-width: min(46rem, 92vw); max-height: 88vh; border: 1px solid #b9c3bd; border-radius: 12px; padding: 1.5rem; color: inherit; }
    dialog::backdrop { background: rgb(0 0 0 / 45%); }
    dialog h2 { font-size: 1.25rem; color: inherit; margin: 0 0 1rem; }
    .close { float: right; padding: 0.35rem 0.8rem; border: 1px solid #7d8a83; border-radius: 8px; background: #fff; cursor: pointer; }
    .open { border: 0; background: none; padding: 0; color: #1f6f5c; text-decoration: underline; cursor: pointer; }
    .open.button { border: 1px solid #7d8a83; border-radius: 8px; background: #fff; padding: 0.5rem 1.1rem; color: inherit; font-weight: 550; text-decoration: none; }
  `;

  const TABS = `
    .tablist { display: flex; flex-wrap: wrap; gap: 0.2rem; border-bottom: 1px solid #b9c3bd; margin-bottom: 0.9rem; }
    .tablist button { border: 0; border-bottom: 3px solid transparent; background: none; padding: 0.5rem 0.9rem; cursor: pointer; font-weight: 550; color: #46524c; }
    .tablist button:hover { color: #1b2420; }
    .tablist button[aria-selected="true"] { border-color: #1f6f5c; color: #1f6f5c; }
  `;

  /** A link, or a button, that opens `content` over the page; Escape closes it. */
  function opener(text, title, content, { type = "link" } = {}) {
    const dialog = make(
      "dialog",
      { "aria-label": title || text },
      make("button", { type: "button", class: "close", onclick: () => dialog.close() }, "Close"),
      make("h2", {}, title || text),
      content,
    );
    const look = type === "button" ? "open button" : "open";
    const open = make("button", { type: "button", class: look, onclick: () => dialog.showModal() }, text);
    return [open, dialog];
  }

  /** Titles to choose from by click or arrow keys; `chosen` is told the number, at first 0. */
  function tablist(titles, chosen) {
    let now = 0;
    const tabs = titles.map((title, number) => make("button", { type: "button", role: "tab", onclick: () => show(number) }, title));
    const list = make("div", { class: "tablist", role: "tablist" }, ...tabs);
    function show(number) {
      now = number;
      tabs.forEach((tab, index) => {
        tab.setAttribute("aria-selected", String(index === number));
        tab.tabIndex = index === number ? 0 : -1;
      });
      chosen(number);
    }
    list.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      show((now + by + tabs.length) % tabs.length);
      tabs[now].focus();
    });
    show(0);
    return { list, show };
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
    static styles = `${DIALOG} ${TABS}
      .examples { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); }
      .examples > div { border-top: 4px solid #2c7a3f; padding-top: 0.5rem; }
      .examples > .bad { border-color: #a5281b; }
      .examples p { font-weight: 650; margin: 0; }
      section[hidden] { display: none; }
    `;

    build() {
      const pages = [
        ["Summary", this._slots("short-summary")],
        ["Detailed Instructions", this._slots("detailed-instructions")],
        ["Examples", this._examples()],
      ].filter(([, content]) => content);
      const sections = pages.map(([title, content]) => make("section", { role: "tabpanel", "aria-label": title }, content));
      const show = (number) => sections.forEach((section, index) => (section.hidden = index !== number));
      const content = make("div", {}, pages.length ? tablist(pages.map(([title]) => title), show).list : null, ...sections, make("slot"));
      const type = this.getAttribute("link-type") || "link";
      return opener(this.getAttribute("link-text") || "Click for instructions", "Instructions", content, { type });
    }

    /** A slot for every region of this name; null where there is none. */
    _slots(region) {
      const found = [...this.querySelectorAll(`:scope > ${region}`)];
      found.forEach((one) => {
        one.slot = region;
        one.style.display = "block";
      });
      return found.length ? make("slot", { name: region }) : null;
    }

    _examples() {
      const [good, bad] = [this._slots("positive-example"), this._slots("negative-example")];
      if (!good && !bad) return null;
      return make(
        "div",
        { class: "examples" },
        good && make("div", {}, make("p", {}, "Good"), good),
        bad && make("div", { class: "bad" }, make("p", {}, "Bad"), bad),
      );
    }
  }

  class CrowdModal extends CrowdElement {
    static styles = DIALOG;

    build() {
      const text = this.getAttribute("link-text") || "Click to open modal";
      return opener(text, text, make("slot"), { type: this.getAttribute("link-type") || "link" });
    }
  }

  class CrowdTabs extends CrowdElement {
    static styles = `${TABS} :host { margin: 0.7rem 0; }`;

    build() {
      this._pages = [...this.querySelectorAll(":scope > crowd-tab")];
      const titles = this._pages.map((page, number) => page.getAttribute("header") || `Tab ${number + 1}`);
      const { list, show } = tablist(titles, (number) => this._pages.forEach((page, index) => (page.hidden = index !== number)));
      this._show = show;
      return [list, make("slot")];
    }

    /** Turns to the tab that holds this node. */
    reveal(node) {
      const number = this._pages.findIndex((page) => page.contains(node));
      if (number >= 0) this._show(number);
    }
  }

  class CrowdTab extends CrowdElement {
    build() {
      this.setAttribute("role", "tabpanel");
      this.setAttribute("aria-label", this.getAttribute("header") || "");
      return [make("slot")];
    }
  }

  customElements.define("crowd-instructions", CrowdInstructions);
  customElements.define("crowd-modal", CrowdModal);
  customElements.define("crowd-tabs", CrowdTabs);
  customElements.define("crowd-tab", CrowdTab);
  Object.assign(window.groundTruthCrowd, { DIALOG, help, opener });
})();
