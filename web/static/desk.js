// On every page of somebody who is signed in: signing out clears this browser's storage, so it asks while typed things wait there.
(() => {
  "use strict";
  function waiting() {
    let number = 0;
    for (const store of [localStorage, sessionStorage]) {
      for (const key of Object.keys(store)) {
        if (!key.startsWith("yibiao:")) continue;
        try { number += Object.keys(JSON.parse(store.getItem(key))).length; } catch { number += 1; }
      }
    }
    return number;
  }
  for (const form of document.querySelectorAll('form[action^="/sign-out"]')) {
    form.addEventListener("submit", (event) => {
      window.dispatchEvent(new Event("pagehide")); // pages put on the shelf what they hold
      const left = waiting();
      if (left && !window.confirm(`还有 ${left} 项填好的内容没有存到服务器，退出后就没有了。确定要退出吗？`)) event.preventDefault();
      else document.documentElement.dataset.leaving = "1";
    });
  }
})();
