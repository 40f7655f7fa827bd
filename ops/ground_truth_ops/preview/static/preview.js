// The preview's page: shows one object's task, follows the files, and keeps what is answered.
"use strict";
(() => {
  const part = (name) => document.querySelector(`[data-${name}]`);
  const frame = part("frame");
  let index = Number(location.hash.slice(1) || 1) - 1;
  let shown = null; // the state on the page
  let framed = ""; // object and page in the frame
  let channel = null;
  let asked = 0;

  const json = (value) => JSON.stringify(value, null, 2);
  function say(name, text) {
    part(name).textContent = text;
  }
  function reveal(name, visible) {
    part(name).hidden = !visible;
  }

  async function load(again = false) {
    const number = ++asked;
    const response = await fetch(`/state?index=${Math.max(0, index)}`);
    const state = await response.json();
    if (number === asked) show(state, again); // an answer overtaken by a newer question says nothing
  }

  async function post(path, message) {
    const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(message) });
    show(await response.json(), true);
  }

  function show(state, again) {
    shown = state;
    index = state.index;
    history.replaceState(null, "", `#${index + 1}`);
    document.title = `${state.title} - preview`;
    say("title", state.title);
    say("campaign", `Campaign ${state.campaign}`);
    say("count", String(state.count));
    part("jump").value = state.count ? String(index + 1) : "0";
    part("jump").disabled = !state.count;
    part("jump").max = String(state.count);
    part("previous").disabled = index <= 0;
    part("next").disabled = index >= state.count - 1;
    say("elements", state.elements === "cdn" ? "AWS's crowd elements" : "the project's crowd elements");
    say("object", state.object);
    reveal("object", Boolean(state.object));
    say("trouble", state.trouble || "");
    reveal("trouble", Boolean(state.trouble));
    frame.hidden = !state.frame;
    showFindings(state.findings);
    showAnswers(state);
    say("input", json(state.taskInput));
    part("input").closest("details").hidden = state.taskInput === null;
    say("log", state.log.join("\n"));
    reveal("log-section", state.log.length > 0);
    // A page that is the same keeps what was begun in it
    const wanted = `${index} ${state.page}`;
    if (state.frame && (again || wanted !== framed)) {
      framed = wanted;
      channel = null;
      frame.src = state.frame;
    }
    document.body.dataset.version = String(state.version);
  }

  function element(tag, name, text) {
    const made = document.createElement(tag);
    made.className = name;
    made.textContent = text;
    return made;
  }

  function showFindings(findings) {
    const errors = findings.filter((finding) => finding.severity === "error").length;
    say("tally", findings.length ? String(findings.length) : "none");
    part("tally").classList.toggle("bad", errors > 0);
    part("findings").replaceChildren(
      ...findings.map((finding) => {
        const item = element("li", finding.severity, "");
        item.append(
          element("span", "rule", `${finding.severity}: ${finding.key} `),
          element("span", "text", finding.message),
          element("div", "place", finding.place),
        );
        return item;
      }),
    );
  }

  function showAnswers(state) {
    const some = state.answers.length > 0;
    say("answer-tally", some ? String(state.answers.length) : "");
    reveal("no-answer", !some);
    reveal("forget", some);
    reveal("label-section", some);
    part("answers").replaceChildren(
      ...state.answers.map((answer, number) => {
        const item = element("li", "", "");
        item.append(element("span", "small muted", `Worker ${number + 1}`), element("pre", "", json(answer)));
        return item;
      }),
    );
    say("label-trouble", state.labelTrouble || "");
    reveal("label-trouble", Boolean(state.labelTrouble));
    say("label", state.label === null ? "" : json(state.label));
    reveal("label", state.label !== null);
  }

  function move(by) {
    if (!shown) return;
    index = Math.max(0, Math.min(shown.count - 1, index + by));
    load();
  }

  function receive(event) {
    const message = event.data;
    if (message && message.kind === "elements" && shown.elements === "cdn") {
      say("elements", message.ours ? "the project's crowd elements (AWS's can't be loaded)" : "AWS's crowd elements");
    }
    if (!message || message.kind !== "answer") return;
    const answer = message.answer;
    if (typeof answer === "object" && answer !== null && !Array.isArray(answer)) post("/answers", { index, answer });
  }

  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow) return;
    const message = event.data;
    if (message === "ground-truth-task" && !channel && event.ports.length === 1) {
      channel = event.ports[0];
      channel.onmessage = receive;
      channel.postMessage({ kind: "welcome" });
    } else if (message && message.kind === "preview-key") {
      move(message.key === "ArrowLeft" ? -1 : 1);
    }
  });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target instanceof Element && event.target.closest("input, pre")) return;
    if (event.key === "ArrowLeft") move(-1);
    if (event.key === "ArrowRight") move(1);
  });
  part("previous").addEventListener("click", () => move(-1));
  part("next").addEventListener("click", () => move(1));
  part("jump").addEventListener("change", () => {
    index = (Number(part("jump").value) || 1) - 1;
    load();
  });
  part("forget").addEventListener("click", () => post("/forget", { index }));
  new EventSource("/events").addEventListener("message", () => load());
})();
