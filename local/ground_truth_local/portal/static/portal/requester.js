// Keeps the requester's pages current; they work without it.
"use strict";
(() => {
  const EVERY_MS = 2000;

  async function look() {
    try {
      const response = await fetch(location.href, { headers: { accept: "text/html" } });
      if (response.ok) {
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const [before, after] = [document, page].map((each) => each.querySelector("[data-live]"));
        // Links are signed anew each time: only what people would see differently is replaced
        const key = (node) => node.innerHTML.replace(/\?X-Amz-[^"]*/g, "");
        if (before && after && key(before) !== key(after)) {
          before.replaceWith(document.importNode(after, true));
        }
      }
    } catch {
      // Local AWS is away for a moment: the next look may find it
    }
    setTimeout(look, EVERY_MS);
  }
  setTimeout(look, EVERY_MS);
})();
