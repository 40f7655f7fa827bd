// What a classifier shows over its image: boxes or a mask of an earlier job, to be judged.
"use strict";
(() => {
  const { color, make } = window.groundTruthCrowd;
  const SVG = "http://www.w3.org/2000/svg";

  const OVERLAY = `
    .judged { position: relative; display: grid; max-width: 100%; }
    .judged > * { grid-area: 1 / 1; }
    .judged > svg, .judged > img.mask { width: 100%; height: 100%; pointer-events: none; }
    .judged > img.mask { opacity: 0.55; image-rendering: pixelated; object-fit: fill; max-height: none; }
    .judged rect { fill: none; stroke-width: 3px; vector-effect: non-scaling-stroke; }
    .legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1rem; justify-content: center; margin-top: 0.6rem; font-size: 0.9rem; }
    .legend span::before { content: ""; display: inline-block; width: 0.8rem; height: 0.8rem; border-radius: 3px; margin-right: 0.4rem; background: var(--hue); }
  `;

  function boxes(image, { labels = [], value = [] }) {
    const names = [...new Set([...labels, ...value.map((one) => one.label)].map(String))];
    const hues = new Map(names.map((name, number) => [name, color(number)]));
    const drawing = document.createElementNS(SVG, "svg");
    for (const { label, left, top, width, height } of value) {
      const rect = document.createElementNS(SVG, "rect");
      const shape = { x: left, y: top, width, height, stroke: hues.get(String(label)) };
      for (const [name, number] of Object.entries(shape)) rect.setAttribute(name, number);
      drawing.append(rect);
    }
    const size = () => drawing.setAttribute("viewBox", `0 0 ${image.naturalWidth} ${image.naturalHeight}`);
    image.addEventListener("load", size);
    const used = new Set(value.map((one) => String(one.label)));
    return [drawing, [...hues].filter(([name]) => used.has(name))];
  }

  function mask({ src = "", labelMappings = {}, instances = null }) {
    const listed = instances ? instances.map((one) => [one.label, one.color]) : Object.entries(labelMappings).map(([name, one]) => [name, one.color]);
    return [make("img", { class: "mask", src, alt: "", crossorigin: "anonymous" }), listed];
  }

  /** The image with `{boundingBox | semanticSegmentation | instanceSegmentation: …}` over it. */
  function overlaid(image, { boundingBox, semanticSegmentation, instanceSegmentation }) {
    const [over, hues] = boundingBox ? boxes(image, boundingBox) : mask(semanticSegmentation || instanceSegmentation || {});
    const legend = make("div", { class: "legend" });
    for (const [name, hue] of hues) {
      const entry = make("span", {}, String(name));
      entry.style.setProperty("--hue", hue);
      legend.append(entry);
    }
    return make("div", {}, make("div", { class: "judged" }, image, over), legend);
  }

  Object.assign(window.groundTruthCrowd, { OVERLAY, overlaid });
})();
