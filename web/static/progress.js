// Tells how far long work is, and shows the page anew when it has ended. Without script the page has a link that does it.
"use strict";
(() => {
  const work = document.querySelector("[data-job]");
  if (!work || work.dataset.live !== "yes") return;
  const bar = work.querySelector("progress");
  const said = work.querySelector("[role=status]");
  const look = async () => {
    try {
      const answer = await fetch(`/jobs/${work.dataset.job}/state`, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const now = await answer.json();
        bar.value = now.done;
        bar.max = now.total;
        if (said.textContent !== now.said) said.textContent = now.said;
        if (!now.live) { location.reload(); return; }
      }
    } catch { /* the next look will tell */ }
    setTimeout(look, 1000);
  };
  setTimeout(look, 500);
})();
