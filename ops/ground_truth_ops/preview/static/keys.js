// In the task's frame: passes the arrow keys on to the preview, unless the task has a use for them.
"use strict";
addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  const target = event.composedPath()[0];
  const used = "input, select, textarea, audio, video, canvas, [contenteditable], [tabindex]";
  if (target instanceof Element && target.closest(used)) return;
  // It holds a key's name and nothing else, so it may go to whoever frames this page
  window.parent.postMessage({ kind: "preview-key", key: event.key }, "*");
});
