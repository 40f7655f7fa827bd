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

  async function next() {
    for (let wait = 500; ; wait = Math.min(wait * 2, 15000)) {
      try {
        return await fetch(task.dataset.next, { method: "POST", headers: HEADERS, body: "{}" });
      } catch {
        say("Your answer is sent. No connection to fetch the next task; trying again…", true);
        await pause(wait);
      }
    }
  }

  async function send(entry) {
    const outcome = await outbox.deliver(entry, (why) =>
      say(`Not sent yet: ${why}. Your answer is kept in this browser and sent again by itself.`, true),
    );
    if (outcome.state === "refused") {
      say(`The answer wasn't taken: ${outcome.message}`, true);
      sending = false;
      if (channel) channel.postMessage({ kind: "refused" });
      return;
    }
    const following = await next();
    if (following.status === 200) location.replace((await following.json()).path);
    else location.replace("/jobs?notice=none-left");
  }

  async function submit(answer) {
    if (sending) return;
    sending = true;
    say("Sending…");
    await send(await outbox.put(task.dataset.task, task.dataset.path, answer));
  }

  // After a reload: an answer on its way is sent on, it isn't asked for again.
  outbox.waiting().then((entries) => {
    const entry = entries.find((one) => one.task === task.dataset.task);
    if (!entry || sending) return;
    sending = true;
    say("Sending the answer you gave before…");
    send(entry);
  });

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
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
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
