// Builds the elements once the document is there, then tells the template's own scripts.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  window.groundTruthCrowd.finishParsing();
  document.dispatchEvent(new Event("all-crowd-elements-ready"));
});
