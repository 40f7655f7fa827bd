// An image to draw on: loaded with CORS, zoomed, and pointer positions in its own pixels.
"use strict";
(() => {
  const { make } = window.groundTruthCrowd;
  const MOST = 16;
  const STEP = 1.25;
  const SHARP = 3; // from here on pixels are shown as they are

  const STAGE = `
    .scroll { overflow: auto; background: #e9edea; border: 1px solid #c6cfca; border-radius: 8px; max-height: 68vh; min-height: 6rem; display: grid; }
    .sheet { position: relative; margin: auto; flex: none; }
    .sheet > * { position: absolute; inset: 0; width: 100%; height: 100%; display: block; }
    .sheet > img { user-select: none; -webkit-user-drag: none; }
    .sheet.sharp > img, .sheet > canvas { image-rendering: pixelated; }
    .over { touch-action: none; cursor: crosshair; }
    .over.calm { touch-action: pan-x pan-y; cursor: default; }
  `;

  class Stage {
    /** `over` takes the pointer; `between` lies under it. `changed` runs when size or zoom do. */
    constructor({ src, over, between = [], changed, failed }) {
      this.zoom = 1;
      this.size = null;
      this._changed = changed;
      this._fitted = true;
      this._image = make("img", { alt: "The image to label", crossorigin: "anonymous", draggable: "false" });
      this._sheet = make("div", { class: "sheet" }, this._image, ...between, over);
      this._over = over;
      this.element = make("div", { class: "scroll", tabindex: "0", "aria-label": "Image" }, this._sheet);
      this._image.addEventListener("load", () => this._loaded());
      this._image.addEventListener("error", () =>
        failed("The image can't be loaded: is the bucket's CORS configuration missing, or the link too old?"),
      );
      this.element.addEventListener("wheel", (event) => this._wheel(event), { passive: false });
      this.element.addEventListener("pointerdown", (event) => this._pan(event));
      new ResizeObserver(() => this._fitted && this.fit()).observe(this.element);
      // An image fitted to the width must not make the page's scroll bar come and go
      document.documentElement.style.scrollbarGutter = "stable";
      this._image.src = src;
    }

    _loaded() {
      this.size = { width: this._image.naturalWidth, height: this._image.naturalHeight };
      this.fit();
    }

    /** Natural pixels, inside the image. */
    point(event) {
      const box = this._sheet.getBoundingClientRect();
      const within = (value, most) => Math.min(Math.max(value, 0), most);
      return {
        x: within(((event.clientX - box.left) / box.width) * this.size.width, this.size.width),
        y: within(((event.clientY - box.top) / box.height) * this.size.height, this.size.height),
      };
    }

    /** Scrolls so that a point of the image is in sight, and a bit around it. */
    reveal({ x, y }) {
      const view = this.element;
      const seen = (at, from, size) => Math.min(Math.max(from, at + 24 - size), at - 24);
      view.scrollLeft = seen(x * this.zoom, view.scrollLeft, view.clientWidth);
      view.scrollTop = seen(y * this.zoom, view.scrollTop, view.clientHeight);
    }

    /** So many screen pixels in the image's. */
    pixels(count) {
      return count / this.zoom;
    }

    fit() {
      if (!this.size || !this.element.clientWidth) return;
      const { width, height } = this.size;
      const room = Math.min((this.element.offsetWidth - 4) / width, (innerHeight * 0.62) / height);
      this._set(Math.min(room, MOST));
      this._fitted = true;
    }

    /** In or out around a place on the screen, by default the middle. */
    scale(factor, place = null) {
      if (!this.size) return;
      const view = this.element.getBoundingClientRect();
      const at = place || { clientX: view.left + view.width / 2, clientY: view.top + view.height / 2 };
      const before = this.point(at);
      this._set(Math.min(Math.max(this.zoom * factor, 0.05), MOST));
      const box = this._sheet.getBoundingClientRect();
      this.element.scrollLeft += box.left + before.x * this.zoom - at.clientX;
      this.element.scrollTop += box.top + before.y * this.zoom - at.clientY;
      this._fitted = false;
    }

    _set(zoom) {
      this.zoom = zoom;
      this._sheet.style.width = `${this.size.width * zoom}px`;
      this._sheet.style.height = `${this.size.height * zoom}px`;
      this._sheet.classList.toggle("sharp", zoom >= SHARP);
      this._changed();
    }

    _wheel(event) {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls as ever
      event.preventDefault();
      this.scale(event.deltaY < 0 ? STEP : 1 / STEP, event);
    }

    /** The middle button moves the image. */
    _pan(event) {
      if (event.button !== 1) return;
      event.preventDefault();
      let { clientX, clientY } = event;
      const move = (next) => {
        this.element.scrollLeft -= next.clientX - clientX;
        this.element.scrollTop -= next.clientY - clientY;
        ({ clientX, clientY } = next);
      };
      const end = () => {
        removeEventListener("pointermove", move);
        removeEventListener("pointerup", end);
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", end);
    }

    /** Touch scrolls the image instead of drawing. */
    calm(yes) {
      this._over.classList.toggle("calm", yes);
    }
  }

  Object.assign(window.groundTruthCrowd, { STAGE, STEP, Stage });
})();
