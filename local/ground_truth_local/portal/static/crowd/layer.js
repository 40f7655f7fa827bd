// A mask: a number per pixel, painted exactly (no smoothing), shown in colours, undone by pieces.
"use strict";
(() => {
  const { make } = window.groundTruthCrowd;

  /** A colour as the pixels of a canvas hold it, opaque. */
  function word(hue) {
    const value = parseInt(hue.slice(1), 16);
    return new Uint32Array(new Uint8Array([value >> 16, (value >> 8) & 255, value & 255, 255]).buffer)[0];
  }

  class Layer {
    constructor() {
      this.canvas = make("canvas", {});
      this._ink = this.canvas.getContext("2d", { willReadFrequently: true });
      this._steps = [];
      this._undone = [];
      this.colors = [];
    }

    resize({ width, height }) {
      Object.assign(this.canvas, { width, height });
      this.width = width;
      this.height = height;
      this.pixels = new Uint8Array(width * height);
    }

    /** Everything until `end` is one step of undo. */
    begin() {
      this._step = { pixels: this.pixels.slice() };
    }
    end() {
      this._steps.push(this._step.pixels);
      if (this._steps.length > this.steps) this._steps.shift();
      this._step = null;
      this._undone = [];
    }
    /** How many can be undone: some 256 MB of them at most. */
    get steps() {
      return Math.max(1, Math.min(30, Math.floor(268435456 / this.pixels.length)));
    }

    undo() {
      this._travel(this._steps, this._undone);
    }
    redo() {
      this._travel(this._undone, this._steps);
    }
    _travel(from, to) {
      if (!from.length) return;
      to.push(this.pixels);
      this.pixels = from.pop();
      this.show();
    }

    /** A round brush from one point to the next. */
    stroke(from, to, radius, number) {
      const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / Math.max(radius / 2, 0.5)));
      for (let step = 0; step <= steps; step++) {
        const part = step / steps;
        this._dab(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part, radius, number);
      }
      const left = Math.min(from.x, to.x) - radius - 1;
      const top = Math.min(from.y, to.y) - radius - 1;
      this.show(left, top, Math.abs(to.x - from.x) + 2 * radius + 3, Math.abs(to.y - from.y) + 2 * radius + 3);
    }

    /** Pixels count by their centres; the one under the pointer always does. */
    _dab(x, y, radius, number) {
      const [column, line] = [Math.min(Math.floor(x), this.width - 1), Math.min(Math.floor(y), this.height - 1)];
      this.pixels[line * this.width + column] = number;
      const last = Math.min(this.height - 1, Math.floor(y + radius));
      for (let row = Math.max(0, Math.floor(y - radius)); row <= last; row++) {
        const half = radius * radius - (row + 0.5 - y) ** 2;
        if (half < 0) continue;
        const reach = Math.sqrt(half);
        this._run(row, Math.ceil(x - reach - 0.5), Math.ceil(x + reach - 0.5), number);
      }
    }

    _run(row, from, to, number) {
      const [first, last] = [Math.max(0, from), Math.min(this.width, to)];
      if (first < last) this.pixels.fill(number, row * this.width + first, row * this.width + last);
    }

    /** The area within an outline, even-odd. */
    fill(points, number) {
      const ys = points.map(({ y }) => y);
      const last = Math.min(this.height, Math.ceil(Math.max(...ys)));
      for (let row = Math.max(0, Math.floor(Math.min(...ys))); row < last; row++) {
        const cuts = this._crossings(points, row + 0.5);
        for (let index = 0; index + 1 < cuts.length; index += 2) {
          this._run(row, Math.ceil(cuts[index] - 0.5), Math.ceil(cuts[index + 1] - 0.5), number);
        }
      }
      this.show();
    }

    _crossings(points, y) {
      const cuts = [];
      points.forEach((a, index) => {
        const b = points[(index + 1) % points.length];
        if (a.y <= y !== b.y <= y) cuts.push(a.x + ((y - a.y) * (b.x - a.x)) / (b.y - a.y));
      });
      return cuts.sort((one, other) => one - other);
    }

    clear(number) {
      for (let at = 0; at < this.pixels.length; at++) if (this.pixels[at] === number) this.pixels[at] = 0;
      this.show();
    }

    /** The numbers that are seen. */
    used() {
      const seen = new Uint8Array(256);
      for (const number of this.pixels) seen[number] = 1;
      return [...seen.keys()].filter((number) => number && seen[number]);
    }

    /** Colours begin with number 1. */
    show(left = 0, top = 0, width = this.width, height = this.height) {
      const x = Math.max(0, Math.floor(left));
      const y = Math.max(0, Math.floor(top));
      const right = Math.min(this.width, Math.ceil(left + width));
      const below = Math.min(this.height, Math.ceil(top + height));
      if (x >= right || y >= below) return;
      const image = this._ink.createImageData(right - x, below - y);
      const words = new Uint32Array(image.data.buffer);
      const table = this._table();
      let at = 0;
      for (let row = y; row < below; row++) {
        for (let column = x; column < right; column++) words[at++] = table[this.pixels[row * this.width + column]];
      }
      this._ink.putImageData(image, x, y);
    }

    _table() {
      const table = new Uint32Array(256); // 0 stays transparent
      this.colors.forEach((hue, index) => (table[index + 1] = word(hue)));
      return table;
    }

    /** An earlier mask: each pixel gets the number of its colour, or none. */
    async load(src, numbers) {
      const image = make("img", { crossorigin: "anonymous" });
      image.src = src;
      await image.decode();
      this._ink.clearRect(0, 0, this.width, this.height);
      this._ink.imageSmoothingEnabled = false; // a mask of another size keeps its colours
      this._ink.drawImage(image, 0, 0, this.width, this.height);
      const { data } = this._ink.getImageData(0, 0, this.width, this.height);
      const known = new Map([...numbers].map(([hue, number]) => [word(hue), number]));
      new Uint32Array(data.buffer).forEach((value, at) => {
        this.pixels[at] = known.get(value) || 0;
      });
      this.show();
    }

    /** Base64 without a prefix. */
    png() {
      this.show();
      return this.canvas.toDataURL("image/png").split(",")[1];
    }
  }

  Object.assign(window.groundTruthCrowd, { Layer });
})();
