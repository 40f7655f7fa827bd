// A colour for each label, the same in every tool.
"use strict";
(() => {
  const COLORS = ["#2ca02c", "#1f77b4", "#ff7f0e", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#17becf"];

  /** A colour of its own for each number. */
  function color(number) {
    if (number < COLORS.length) return COLORS[number];
    const step = number - COLORS.length;
    const [hue, bright] = [(step * 0.381966) % 1, 0.95 - 0.03 * (Math.floor(step / 16) % 16)];
    const part = (n) => {
      const k = (n + hue * 6) % 6;
      return Math.round(255 * (bright - bright * 0.65 * Math.max(0, Math.min(k, 4 - k, 1))));
    };
    return `#${[5, 3, 1].map((n) => part(n).toString(16).padStart(2, "0")).join("")}`;
  }

  Object.assign(window.groundTruthCrowd, { color });
})();
