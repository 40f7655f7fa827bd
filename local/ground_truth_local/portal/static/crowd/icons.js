// Icons by the names templates use, drawn by us; an address is an image, an unknown name its first letter.
"use strict";
(() => {
  const { make } = window.groundTruthCrowd;
  const SVG = "http://www.w3.org/2000/svg";
  const CIRCLE = "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18";
  const ALERT = "M12 4L21.5 20h-19zM12 10v5M12 17.4v.1";
  const CHECK = "M4 12.5l5.5 5.5L20 6.5";
  const CROSS = "M5 5l14 14M19 5L5 19";
  const PEN = "M4 20l1-4L16 5l3 3L8 19z";
  const TALK = "M4 5h16v11H10l-5 4v-4H4z";
  const LINES = {
    add: "M12 4v16M4 12h16",
    "arrow-back": "M20 12H5M11 6l-6 6 6 6",
    "arrow-forward": "M4 12h15M13 6l6 6-6 6",
    cancel: CROSS,
    chat: TALK,
    check: CHECK,
    clear: CROSS,
    close: CROSS,
    create: PEN,
    delete: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
    done: CHECK,
    edit: PEN,
    error: ALERT,
    favorite: "M12 20C5 15 3 11.5 4 8.5S9.5 5 12 8.5c2.5-3.5 7-3 8 0s-1 6.5-8 11.5z",
    flag: "M6 21V4h12l-3 4 3 4H6",
    help: `${CIRCLE}M9.2 9.5a2.8 2.8 0 1 1 4 2.6c-.9.4-1.2 1-1.2 2M12 17.2v.1`,
    home: "M3 11.5L12 4l9 7.5M6 10v10h12V10",
    image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4",
    info: `${CIRCLE}M12 11v6M12 7.2v.1`,
    "question-answer": TALK,
    refresh: "M19 8a8 8 0 1 0 1 5M20 4v4.5h-4.5",
    remove: "M4 12h16",
    "report-problem": ALERT,
    search: "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13M15.5 15.5L21 21",
    send: "M3 4l18 8-18 8 3-8zM6 12h9",
    settings: "M12 8.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7M12 2.5v4M12 17.5v4M2.5 12h4M17.5 12h4M5.3 5.3l2.8 2.8M15.9 15.9l2.8 2.8M18.7 5.3l-2.8 2.8M8.1 15.9l-2.8 2.8",
    star: "M12 3l2.8 5.8 6.2.9-4.5 4.4 1.1 6.3L12 17.4 6.4 20.4l1.1-6.3L3 9.7l6.2-.9z",
    "thumb-up": "M7 20V10l4-7c2 0 2.5 1 2 3l-.7 4H19c1.5 0 2 1 1.7 2.3l-1.5 6c-.3 1.2-1 1.7-2 1.7zM7 10H3v10h4",
    visibility: "M2 12c3-5 6.5-7 10-7s7 2 10 7c-3 5-6.5 7-10 7s-7-2-10-7zM12 9a3 3 0 1 0 0 6a3 3 0 0 0 0-6",
    warning: ALERT,
  };
  LINES["thumb-down"] = LINES["thumb-up"];

  const ICON = `
    .icon { width: 1.25em; height: 1.25em; flex: none; vertical-align: -0.25em; display: inline-grid; place-items: center; }
    svg.icon { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
  `;

  /** A name of the Polymer set (with or without "icons:"), or an address; it is decoration, not text. */
  function icon(given) {
    if (/[/:].*\//.test(given)) return make("img", { class: "icon", src: given, alt: "" });
    const name = given.replace(/^icons:/, "");
    const lines = LINES[name];
    if (!lines) return make("span", { class: "icon", "aria-hidden": "true" }, name.slice(0, 1).toUpperCase());
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", lines);
    if (name === "thumb-down") path.setAttribute("transform", "rotate(180 12 12)");
    const drawing = document.createElementNS(SVG, "svg");
    drawing.setAttribute("viewBox", "0 0 24 24");
    drawing.setAttribute("class", "icon");
    drawing.setAttribute("aria-hidden", "true");
    drawing.append(path);
    return drawing;
  }

  Object.assign(window.groundTruthCrowd, { ICON, icon });
})();
