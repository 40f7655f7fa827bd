// Answers on their way: kept in this browser until the portal has said what became of them.
// The same answer twice counts once, so whatever is in doubt is sent again, by any page of the
// portal, after a reload or a day later. A different second answer would be refused.
"use strict";
window.outbox = (() => {
  const { worker, csrf } = document.body.dataset;
  const FIRST_MS = 500;
  const LONGEST_MS = 15000;
  const OLDEST_MS = 30 * 24 * 3600 * 1000; // no job lives longer
  // What the portal says about an answer for good; everything else may pass.
  const FINAL = new Set([
    "AlreadySubmitted",
    "AnswerInvalid",
    "AnswerTooLarge",
    "AssignmentNotFound",
    "Expired",
    "MalformedRequest",
    "TooLarge",
  ]);
  const JSON_ONLY = { accept: "application/json" };
  const memory = new Map(); // where the browser keeps nothing, as in some private windows
  let token = csrf;
  let wake = () => {};

  const opened = new Promise((resolve) => {
    let request;
    try {
      request = indexedDB.open("labeling-portal", 1);
    } catch {
      resolve(null);
      return;
    }
    request.onupgradeneeded = () => request.result.createObjectStore("answers", { keyPath: "task" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
    request.onblocked = () => resolve(null);
  });

  async function store(mode, act) {
    const database = await opened;
    if (!database) return undefined;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction("answers", mode, { durability: "strict" });
      const request = act(transaction.objectStore("answers"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  async function put(task, path, answer) {
    const entry = { task, path, answer, worker, at: Date.now() };
    memory.set(task, entry);
    try {
      await store("readwrite", (answers) => answers.put(entry));
    } catch {
      // no room: this page still has it, and sends it
    }
    return entry;
  }

  async function remove(task) {
    memory.delete(task);
    await store("readwrite", (answers) => answers.delete(task)).catch(() => {});
  }

  async function waiting() {
    const kept = (await store("readonly", (answers) => answers.getAll()).catch(() => [])) || [];
    const all = new Map([...kept.map((entry) => [entry.task, entry]), ...memory]);
    for (const entry of all.values()) {
      if (Date.now() - entry.at > OLDEST_MS) await remove(entry.task);
    }
    return [...all.values()].filter((entry) => entry.worker === worker);
  }

  async function refusal(response) {
    try {
      return (await response.json()).error;
    } catch {
      return { code: "", message: `the portal answered ${response.status}` };
    }
  }

  // Another tab may have signed in anew: whose session is this, and what is its token?
  async function refreshed() {
    const response = await fetch("/jobs", { headers: JSON_ONLY });
    if (!response.ok) return false;
    const found = await response.json();
    if (found.worker !== worker) return false;
    token = found.csrf_token;
    return true;
  }

  // One attempt: {state: "taken" | "refused" | "waiting", message}.
  async function attempt(entry, again = true) {
    let response;
    try {
      response = await fetch(`${entry.path}/submit`, {
        method: "POST",
        headers: { ...JSON_ONLY, "content-type": "application/json", "x-csrf-token": token },
        body: JSON.stringify({ answer: entry.answer }),
      });
      if (response.ok) {
        await remove(entry.task);
        return { state: "taken", message: "" };
      }
      const { code, message } = await refusal(response);
      if (code === "Forbidden" || code === "AssignmentNotFound") {
        if (!(await refreshed())) return { state: "waiting", message: signedOut };
        if (again) return attempt(entry, false);
      }
      if (FINAL.has(code)) {
        await remove(entry.task);
        return { state: "refused", message };
      }
      return { state: "waiting", message: code === "SignedOut" ? signedOut : message };
    } catch {
      return { state: "waiting", message: "no connection" };
    }
  }
  const signedOut = "you are signed out; sign in again and it is sent";

  function pause(ms) {
    return new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, ms);
    });
  }
  addEventListener("online", () => wake());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) wake();
  });

  // Until the portal has said what becomes of it; `tell(message)` hears of each vain attempt.
  async function deliver(entry, tell) {
    for (let wait = FIRST_MS; ; wait = Math.min(wait * 2, LONGEST_MS)) {
      const outcome = await attempt(entry);
      if (outcome.state !== "waiting") return outcome;
      tell(outcome.message);
      await pause(wait * (0.75 + Math.random() / 2));
    }
  }

  async function sendTheRest() {
    const line = document.querySelector("[data-outbox]");
    const open = document.querySelector("[data-task]");
    const entries = (await waiting()).filter((entry) => !open || entry.task !== open.dataset.task);
    const say = (text, bad) => {
      line.textContent = text;
      line.classList.toggle("bad", Boolean(bad));
      line.hidden = false;
    };
    for (const entry of entries) {
      const outcome = await deliver(entry, (why) =>
        say(`An answer of yours is not sent yet: ${why}. It is kept in this browser.`, true),
      );
      if (outcome.state === "taken") say("An answer of yours that was not sent before is sent now.");
      else say(`An answer of yours could not be taken: ${outcome.message}`, true);
    }
  }

  if (worker) sendTheRest();
  return { put, waiting, deliver };
})();
