// crowd-classifier and crowd-image-classifier, for one label or several.
"use strict";
(() => {
  const { CrowdElement, DIALOG, OVERLAY, changed, hears, help, inText, json5, make, overlaid, place } = window.groundTruthCrowd;
  const SMALL_PIXELS = 160;
  const STYLE = `
    ${DIALOG}
    ${OVERLAY}
    .work { margin-bottom: 1.2rem; display: grid; grid-template-columns: minmax(11rem, 15rem) minmax(0, 1fr) minmax(12rem, 17rem); gap: 1.5rem; align-items: start; }
    .help { border-right: 1px solid #d4dad6; padding-right: 1.25rem; overflow-wrap: break-word; }
    .work.alone { grid-template-columns: minmax(0, 1fr) minmax(12rem, 17rem); }
    .help summary, .options h2 { font-size: 0.85rem; font-weight: 650; color: #55625c; margin: 0 0 0.5rem; }
    .help summary { cursor: pointer; }
    .header { font-size: 1.15rem; margin: 0 0 0.8rem; font-weight: 650; }
    .object { min-width: 0; overflow-wrap: break-word; }
    .picture { display: grid; place-items: center; background: #f0f2f0; border-radius: 10px; padding: 1rem; min-height: 12rem; }
    .picture img { max-width: 100%; max-height: 62vh; object-fit: contain; }
    .picture img.small { width: min(100%, 20rem); image-rendering: pixelated; }
    ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.35rem; }
    li label { display: flex; gap: 0.7rem; align-items: center; padding: 0.5rem 0.75rem; border: 1px solid #c6cfca; border-radius: 8px; cursor: pointer; background: #fff; overflow-wrap: anywhere; }
    li label:hover { border-color: #55625c; }
    li label:has(:checked) { border-color: #1f6f5c; background: #e6f0ec; box-shadow: inset 0 0 0 1px #1f6f5c; }
    li label:has(:focus-visible) { outline: 3px solid #0b5fff; outline-offset: 2px; }
    li input { accent-color: #1f6f5c; width: 1.1rem; height: 1.1rem; flex: none; margin: 0; }
    li input:focus-visible { outline: none; }
    li span { flex: 1; }
    kbd { font: 0.8rem/1.5 ui-monospace, monospace; color: #55625c; border: 1px solid #c6cfca; border-radius: 5px; padding: 0 0.4rem; }
    .comment { margin-top: 1rem; }
    textarea { width: 100%; border: 1px solid #7d8a83; border-radius: 8px; padding: 0.5rem; }
    .exclusion { margin-top: 0.6rem; padding-top: 0.6rem; border-top: 1px solid #d4dad6; }
    @media (max-width: 52rem) {
      .work, .work.alone { grid-template-columns: minmax(0, 1fr); gap: 1rem; }
      .help { border-right: 0; border-bottom: 1px solid #d4dad6; padding: 0 0 0.8rem; }
      .options ul { grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); }
    }
  `;

  class Classifier extends CrowdElement {
    static styles = STYLE;
    static several = false;

    build() {
      this._categories ??= json5(this.getAttribute("categories"), []);
      if (!Array.isArray(this._categories)) throw new Error("categories must be a list");
      this._list = make("ul");
      this._list.append(...this._rows());
      const aid = help(this);
      const work = make("div", { class: aid ? "work" : "work alone" }, aid, this._object(), this._options());
      document.addEventListener("keydown", (event) => this._key(event));
      return [work];
    }

    get categories() {
      return this._categories ?? json5(this.getAttribute("categories"), []);
    }
    set categories(list) {
      this._categories = typeof list === "string" ? json5(list, []) : list;
      if (this._list) this._list.replaceChildren(...this._rows());
    }

    get labels() {
      return this._boxes().filter((box) => box.checked).map((box) => box.value);
    }

    get value() {
      return this._submittableValue;
    }

    get _submittableValue() {
      if (!this._list) return undefined;
      if (this.constructor.several) return this._withComment({ labels: this.labels });
      const [label] = this.labels;
      return label === undefined ? undefined : this._withComment({ label });
    }

    restart() {
      for (const box of this._boxes()) box.checked = false;
      if (this._comment) this._comment.value = "";
    }

    problem() {
      if (this._broken) return this._broken;
      return this.labels.length ? null : "Please choose a label first";
    }

    _boxes() {
      return this._list ? [...this._list.querySelectorAll("input")] : [];
    }

    _rows() {
      const rows = this._categories.map((category, index) => this._row(String(category), index + 1));
      const other = json5(this.getAttribute("exclusion-category"), null);
      if (other) {
        const row = this._row(String(other.text), 0);
        row.classList.add("exclusion");
        row.querySelector("input").dataset.exclusive = "";
        rows.push(row);
      }
      return rows;
    }

    _row(text, number) {
      const type = this.constructor.several ? "checkbox" : "radio";
      const box = make("input", { type, name: "choice", value: text, onchange: () => this._chosen(box) });
      const key = this._keyOf(text, number);
      if (key) box.dataset.key = key;
      const hint = key ? make("kbd", { title: `Key ${key}` }, key) : null;
      return make("li", {}, make("label", {}, box, make("span", {}, text), hint));
    }

    /** Keys 1 to 9 and 0 in order, unless the labels are digits themselves: then each is its own key. */
    _keyOf(text, number) {
      if (number === 0) return null;
      if (this._categories.every((category) => /^[0-9]$/.test(String(category)))) return text;
      return number <= 10 ? String(number % 10) : null;
    }

    /** "None of these" and the labels exclude each other. */
    _chosen(box) {
      if (box.checked) {
        for (const other of this._boxes()) {
          const excluded = "exclusive" in box.dataset || "exclusive" in other.dataset;
          if (other !== box && excluded) other.checked = false;
        }
      }
      this.showProblem(null);
      changed(this);
    }

    _key(event) {
      if (!hears(this, event) || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || inText(event)) return;
      const box = this._boxes().find((one) => one.dataset.key === event.key);
      if (box) {
        event.preventDefault();
        box.focus();
        box.checked = this.constructor.several ? !box.checked : true;
        this._chosen(box);
      } else if (event.key === "Enter" && event.composedPath().some((node) => this._boxes().includes(node))) {
        event.preventDefault();
        const form = this.closest("form");
        if (form) form.requestSubmit();
      }
    }

    _object() {
      place(this, "classification-target", "target");
      const header = this.getAttribute("header");
      return make(
        "div",
        { class: "object" },
        header ? make("p", { class: "header", id: "header" }, header) : null,
        ...this._target(),
      );
    }

    _target() {
      return [make("slot", { name: "target" }), make("slot")];
    }

    _options() {
      const title = this.constructor.several ? "Choose all that apply" : "Choose one";
      this._list.setAttribute("role", this.constructor.several ? "group" : "radiogroup");
      this._list.setAttribute("aria-label", this.getAttribute("header") || title);
      return make(
        "div",
        { class: "options" },
        make("h2", {}, title),
        this._list,
        make("p", { class: "problem", role: "alert" }),
        this._commentBox(),
      );
    }

    _commentBox() {
      const region = this.querySelector(":scope > worker-comment");
      if (!region) return null;
      region.slot = "comment";
      this._comment = make("textarea", { rows: 3, placeholder: region.getAttribute("placeholder") || "" });
      return make(
        "details",
        { class: "comment" },
        make("summary", {}, region.getAttribute("link-text") || "Add a comment"),
        make("p", {}, region.getAttribute("header") || ""),
        make("slot", { name: "comment" }),
        this._comment,
      );
    }

    _withComment(value) {
      const text = this._comment ? this._comment.value : "";
      return text ? { ...value, workerComment: text } : value;
    }
  }

  class ImageClassifier extends Classifier {
    _target() {
      // With CORS, as on AWS: a bucket that doesn't allow it must fail here too.
      const image = make("img", { alt: "The image to label", crossorigin: "anonymous" });
      this._image = image;
      const say = make("p", { class: "problem", role: "alert" });
      image.addEventListener("load", () => {
        const longest = Math.max(image.naturalWidth, image.naturalHeight);
        image.classList.toggle("small", longest <= SMALL_PIXELS);
      });
      const broken = (what) => () => {
        this._broken = `${what} can't be loaded: is the bucket's CORS configuration missing, or the link too old?`;
        say.textContent = this._broken;
      };
      image.addEventListener("error", broken("The image"));
      image.src = this.getAttribute("src") || "";
      const shown = json5(this.getAttribute("overlay"), null);
      return [make("div", { class: "picture" }, shown ? overlaid(image, shown, broken("What is to be judged")) : image), say, make("slot")];
    }
  }

  const SEVERAL = (Base) =>
    class extends Base {
      static several = true;
    };

  customElements.define("crowd-classifier", class extends Classifier {});
  customElements.define("crowd-classifier-multi-select", SEVERAL(Classifier));
  customElements.define("crowd-image-classifier", class extends ImageClassifier {});
  customElements.define("crowd-image-classifier-multi-select", SEVERAL(ImageClassifier));
})();
