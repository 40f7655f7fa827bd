// Answers on their way: kept in this browser until the portal has said what became of them.
// The same answer twice counts once, so whatever is in doubt is sent again, by any page of the
// portal, after a reload or a day later. A different second answer would be refused.
"use strict";
window.outbox = (() => {
  const { worker, csrf } = document.body.dataset;
  const STORE = "labeling-portal"; // a database of IndexedDB
  const STORE_MS = 2000;
  const FIRST_MS = 500;
  const LONGEST_MS = 5000;
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

  let opened = null;
  let opening = null;
  function open() {
    opened ??= new Promise((resolve) => {
      try {
        opening = indexedDB.open(STORE, 1);
      } catch {
        resolve(null);
        return;
      }
      opening.onupgradeneeded = () => opening.result.createObjectStore("answers", { keyPath: "task" });
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => resolve(null);
      opening.onblocked = () => resolve(null);
    });
    return opened;
  }

  // Looking makes no store: a page that is left while it makes one leaves it half made, and in Chromium every later
  // page then waits for it. The first answer makes it, and nothing leaves before that is done.
  async function there() {
    try {
      return Boolean(opened) || (await indexedDB.databases()).some(({ name }) => name === STORE);
    } catch {
      return true; // a browser that doesn't tell
    }
  }
  addEventListener("pagehide", () => {
    if (opening && opening.transaction) opening.transaction.abort();
    else if (opening && opening.readyState === "done" && opening.result) opening.result.close();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // its store is closed, and what it shows is old
  });

  async function stored(mode, act, make) {
    const database = make || (await there()) ? await open() : null;
    if (!database) return undefined;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction("answers", mode, { durability: "strict" });
      const request = act(transaction.objectStore("answers"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  // A store that doesn't answer must not keep an answer from being sent.
  function store(mode, act, make = false) {
    const late = new Promise((_, reject) => setTimeout(reject, STORE_MS, new Error("the store doesn't answer")));
    return Promise.race([stored(mode, act, make), late]);
  }

  async function put(task, path, answer) {
    const entry = { task, path, answer, worker, at: Date.now() };
    memory.set(task, entry);
    try {
      await store("readwrite", (answers) => answers.put(entry), true);
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
