// The portal's side of a task: receives the answer over a channel and is the only one to submit it.
"use strict";
(() => {
  const task = document.querySelector("[data-task]");
  const frame = task.querySelector("[data-frame]");
  const status = task.querySelector("[data-status]");
  const clock = task.querySelector("[data-clock]");
  const MOST_CHARACTERS = 8 * 1024 * 1024;
  const HEADERS = {
    accept: "application/json",
    "content-type": "application/json",
    "x-csrf-token": task.dataset.csrf,
  };
  let channel = null;
  let sending = false;

  function say(text, bad) {
    status.textContent = text;
    status.classList.toggle("bad", Boolean(bad));
    status.hidden = !text;
  }

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  async function post(path, body) {
    // A lost connection is tried again: the same answer twice counts once.
    for (let wait = 500; ; wait = Math.min(wait * 2, 15000)) {
      try {
        return await fetch(path, { method: "POST", headers: HEADERS, body: JSON.stringify(body) });
      } catch {
        say("No connection. Your answer is kept here and is being sent again…", true);
        await pause(wait);
      }
    }
  }

  async function refusal(response) {
    try {
      return (await response.json()).error.message;
    } catch {
      return `the portal answered ${response.status}`;
    }
  }

  async function submit(answer) {
    if (sending) return;
    sending = true;
    say("Sending…");
    const response = await post(`${task.dataset.path}/submit`, { answer });
    if (!response.ok) {
      say(`The answer wasn't taken: ${await refusal(response)}`, true);
      sending = false;
      channel.postMessage({ kind: "refused" });
      return;
    }
    const next = await post(task.dataset.next, {});
    if (next.status === 200) location.replace((await next.json()).path);
    else location.replace("/jobs?notice=none-left");
  }

  function receive(event) {
    const message = event.data;
    if (!message || message.kind !== "answer") return;
    const answer = message.answer;
    const isObject = typeof answer === "object" && answer !== null && !Array.isArray(answer);
    let size = 0;
    try {
      size = JSON.stringify(answer).length;
    } catch {
      size = Infinity;
    }
    if (!isObject || size > MOST_CHARACTERS) {
      say("The task gave an answer the portal can't take.", true);
      return;
    }
    submit(answer);
  }

  addEventListener("message", (event) => {
    // The frame's origin is opaque ("null"); its window is what identifies it, its first port counts.
    const greeting = event.source === frame.contentWindow && event.data === "ground-truth-task";
    if (!greeting || channel || event.ports.length !== 1) return;
    channel = event.ports[0];
    channel.onmessage = receive;
    channel.postMessage({ kind: "welcome" });
    frame.focus();
  });
  frame.src = frame.dataset.frame; // only now: its greeting must find somebody listening

  const end = performance.now() + Number(task.dataset.secondsLeft) * 1000;
  function tick() {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    clock.parentElement.classList.toggle("soon", left <= 30);
    if (left === 0 && !sending) {
      location.replace("/jobs?notice=expired");
      return;
    }
    setTimeout(tick, 500);
  }
  tick();
})();
