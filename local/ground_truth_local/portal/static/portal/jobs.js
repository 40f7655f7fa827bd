// Keeps the job list's counters current; the page works without it.
"use strict";
(() => {
  const EVERY_MS = 4000;
  const shown = new Map(
    [...document.querySelectorAll("[data-job]")].map((card) => [card.dataset.job, card]),
  );

  function update(card, job) {
    card.querySelector("[data-done]").textContent = job.done;
    card.querySelector("[data-total]").textContent = job.total;
    card.querySelector("[data-available]").textContent = job.available;
    const progress = card.querySelector("progress");
    progress.max = job.total || 1;
    progress.value = job.done;
    card.querySelector("button").disabled = job.available === 0;
  }

  async function look() {
    try {
      const response = await fetch("/jobs", { headers: { accept: "application/json" } });
      if (response.status === 401) {
        location.assign("/sign-in");
        return;
      }
      const { jobs } = await response.json();
      const same = jobs.length === shown.size && jobs.every((job) => shown.has(job.name));
      if (!same) {
        location.replace("/jobs");
        return;
      }
      jobs.forEach((job) => update(shown.get(job.name), job));
    } catch {
      // Local AWS is away for a moment: the next look may find it
    }
    setTimeout(look, EVERY_MS);
  }
  setTimeout(look, EVERY_MS);
})();
