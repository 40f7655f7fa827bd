// Builds the elements once the document is there, then tells the template's own scripts.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  // The text tool is documented without a form around it: it brings its own
  for (const tool of document.querySelectorAll("crowd-entity-annotation")) {
    if (tool.closest("crowd-form")) continue;
    const form = document.createElement("crowd-form");
    tool.replaceWith(form);
    form.append(tool);
  }
  window.groundTruthCrowd.finishParsing();
  document.dispatchEvent(new Event("all-crowd-elements-ready"));
});
