// Matching review by keyboard: Y same, N different, arrows to the next and the one before. The keys work while the question has
// the focus and not while somebody types, so that nobody decides by chance.
"use strict";
const question = document.getElementById("question");
const keys = { KeyY: "same", KeyN: "different", ArrowRight: "skip", ArrowLeft: "back" };
if (question) {
  question.focus({ preventScroll: true });
  question.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement;
    if (typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    const target = document.getElementById(keys[event.code] || "");
    if (target) {
      event.preventDefault();
      target.click();
    }
  });
}
