// The task's side of the message channel: hands the answer to the portal page, which submits it. Also sees to it
// that no link leads away from the task.
// Works with AWS's own crowd elements as well as ours: both end in crowd-form's _submitHelperForm.
"use strict";
(() => {
  const portal = document.currentScript.dataset.portal;
  const channel = new MessageChannel();
  let form = null;

  function send(answer) {
    channel.port1.postMessage({ kind: "answer", answer });
  }

  function answerOf(crowdForm) {
    return JSON.parse(crowdForm._serializeForm().taskAnswers)[0];
  }

  /** The text tool may stand alone: its form is in its shadow tree. */
  function theForm() {
    const tool = document.querySelector("crowd-entity-annotation");
    const inner = tool && tool.shadowRoot && tool.shadowRoot.querySelector("crowd-form");
    return document.querySelector("crowd-form") || inner;
  }

  document.addEventListener("all-crowd-elements-ready", () => {
    channel.port1.postMessage({ kind: "elements", ours: Boolean(window.groundTruthCrowd) });
    form = theForm();
    if (!form) return;
    form._submitHelperForm = () => send(answerOf(form));
  });

  channel.port1.onmessage = (event) => {
    if (event.data && event.data.kind === "refused" && form && form._release) form._release();
  };

  // -- links

  /** Where a link or an embedded page leads; null for a script, or a place within this document. */
  function elsewhere(given) {
    let url;
    try {
      url = new URL(given, document.baseURI);
    } catch {
      return null;
    }
    if (url.protocol === "javascript:" || url.href.split("#")[0] === location.href.split("#")[0]) return null;
    return url;
  }

  const addressOf = (link) => link.getAttribute("href") ?? link.getAttributeNS("http://www.w3.org/1999/xlink", "href");

  // A link would replace the task, and a frame opens once: it gets a tab of its own instead, which
  // can't reach back. As AWS's sample templates ask for it themselves, with target="_blank".
  addEventListener(
    "click",
    (event) => {
      const link = event.composedPath().find((node) => node instanceof Element && node.matches("a, area") && addressOf(node) !== null);
      if (!link) return;
      if (elsewhere(addressOf(link))) {
        link.setAttribute("target", "_blank");
        link.setAttribute("rel", "noopener noreferrer");
      } else if (!/#|^\s*javascript:/i.test(addressOf(link))) event.preventDefault(); // would load this page again
    },
    true,
  );

  /** Browsers show no PDF in a sandbox, and other pages would be out of its rules: a link instead. */
  function linked(embedded) {
    const url = elsewhere(embedded.getAttribute("src") ?? embedded.getAttribute("data") ?? "");
    if (!url || !url.protocol.startsWith("http")) return;
    const link = document.createElement("a");
    link.href = url.href;
    link.textContent = embedded.title ? `Open “${embedded.title}” in a new tab` : "Open the document in a new tab";
    const place = document.createElement("p");
    place.append(link);
    embedded.before(place);
    embedded.hidden = true;
    embedded.style.setProperty("display", "none", "important");
  }
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("iframe[src], embed[src], object[data]").forEach(linked);
  });

  if (window.parent !== window) {
    window.parent.postMessage("ground-truth-task", portal, [channel.port2]);
  }
})();
