// What a classifier shows over its image: boxes or a mask of an earlier job, to be judged.
"use strict";
(() => {
  const { color, make } = window.groundTruthCrowd;
  const SVG = "http://www.w3.org/2000/svg";

  const OVERLAY = `
    .judged { position: relative; display: grid; max-width: 100%; }
    .judged > * { grid-area: 1 / 1; }
    .judged > svg, .judged > canvas { width: 100%; height: 100%; pointer-events: none; }
    .judged > canvas { opacity: 0.55; image-rendering: pixelated; }
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

  /** Only what has a label: what stands for nothing would veil the image. */
  function mask({ src = "", labelMappings = {}, instances = null }, failed) {
    const listed = instances ? instances.map((one) => [one.label, one.color]) : Object.entries(labelMappings).map(([name, one]) => [name, one.color]);
    const known = new Set(listed.map(([, hue]) => Number.parseInt(String(hue).slice(1), 16)));
    const canvas = make("canvas", { class: "mask" });
    const picture = make("img", { crossorigin: "anonymous" });
    picture.addEventListener("load", () => {
      [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
      const ink = canvas.getContext("2d");
      ink.drawImage(picture, 0, 0);
      const pixels = ink.getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < pixels.data.length; at += 4) {
        const [red, green, blue] = pixels.data.subarray(at, at + 3);
        if (!known.has((red << 16) | (green << 8) | blue)) pixels.data[at + 3] = 0;
      }
      ink.putImageData(pixels, 0, 0);
    });
    picture.addEventListener("error", failed);
    picture.src = src;
    return [canvas, listed];
  }

  /** The image with `{boundingBox | semanticSegmentation | instanceSegmentation: …}` over it; `failed` hears of a mask that isn't there. */
  function overlaid(image, { boundingBox, semanticSegmentation, instanceSegmentation }, failed) {
    const [over, hues] = boundingBox ? boxes(image, boundingBox) : mask(semanticSegmentation || instanceSegmentation || {}, failed);
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
