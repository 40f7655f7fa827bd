// The task's side of the message channel: hands the answer to the portal page, which submits it.
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

  if (window.parent !== window) {
    window.parent.postMessage("ground-truth-task", portal, [channel.port2]);
  }
})();
