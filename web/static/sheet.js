// The one table in the browser: saves each cell as it is typed, keeps what could not be sent, adds up totals, takes pastes.
// Without this script the page is a plain form with a button.
(() => {
  "use strict";
  const form = document.getElementById("sheet");
  if (!form) return;
  document.documentElement.classList.add("scripted");
  const path = form.dataset.path;
  const csrf = form.elements.csrf.value;
  const kept = document.getElementById("kept");
  const progress = document.getElementById("progress");
  const filters = document.getElementById("filters");
  const shelf = `yibiao:${form.dataset.viewer || ""}:${path}`;
  const inputs = [...form.querySelectorAll("[data-element][data-version]:not([readonly])")];
  const byElement = new Map(inputs.map((input) => [input.dataset.element, input]));
  const waiting = new Map(); // element -> text typed but not yet on the server
  const shelved = new Set(); // elements that this tab has put on the shelf: another tab's are not ours to take away
  let timer = 0, sending = false, delay = 1000, notBefore = 0;
  let unanswered = null; // what was sent without an answer: it may have been kept, so the very same is sent again first

  // ---- what could not be sent yet survives a closed tab; personal data only until the browser is closed
  const shelfOf = (input) => ("personal" in input.dataset ? sessionStorage : localStorage);
  function onShelf(store) {
    try {
      const held = JSON.parse(store.getItem(shelf) || "{}");
      return held && typeof held === "object" ? held : {};
    } catch { return {}; }
  }
  function remember() {
    if (document.documentElement.dataset.leaving) return; // signed out: the browser has cleared its storage already
    for (const store of [localStorage, sessionStorage]) {
      const held = onShelf(store);
      for (const element of shelved) if (!waiting.has(element)) delete held[element];
      for (const [element, text] of waiting) {
        const input = byElement.get(element);
        // With the version that it was typed over: who comes back later must not write over what others did meanwhile.
        if (shelfOf(input) === store) { held[element] = { text, version: Number(input.dataset.version) }; shelved.add(element); }
      }
      try { Object.keys(held).length ? store.setItem(shelf, JSON.stringify(held)) : store.removeItem(shelf); } catch { /* a full or forbidden store: the page still saves on line */ }
    }
  }
  function recall() {
    let gone = 0;
    for (const store of [localStorage, sessionStorage]) {
      for (const [element, one] of Object.entries(onShelf(store))) {
        const input = byElement.get(element);
        if (!one || typeof one.text !== "string") continue;
        shelved.add(element);
        if (!input) { gone += 1; continue; }
        if (one.text === input.value) continue;
        input.value = one.text;
        input.dataset.version = one.version;
        waiting.set(element, one.text);
        mark(input, "waiting");
      }
    }
    if (gone) say(`离线时填的 ${gone} 项没有用上：这些栏已提交或已有来源，不能再填。`, true);
    remember();
    if (waiting.size) schedule(0);
  }

  // ---- saving
  const rowOf = (input) => input.closest("tr");
  const CONTESTED = ["desk.taken", "desk.stale"]; // somebody else has reported it: the cell's own page corrects or disputes it
  function mark(input, state, message = "", code = "") {
    const row = rowOf(input);
    row.classList.remove("waiting", "saved", "refused");
    if (state) row.classList.add(state);
    let said = row.querySelector(".wrong");
    if (!message) { if (said) said.remove(); input.removeAttribute("aria-invalid"); input.removeAttribute("aria-describedby"); return; }
    if (!said) { said = document.createElement("span"); said.className = "wrong"; said.id = `w-${input.dataset.element}`; row.querySelector("th").append(said); }
    said.textContent = message;
    if (CONTESTED.includes(code)) {
      const link = document.createElement("a");
      link.href = `${path}/cell/${input.dataset.element}`;
      link.textContent = "不对？";
      said.append(" ", link);
    }
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", said.id);
  }
  function say(text, bad = false) { kept.textContent = text; kept.classList.toggle("bad", bad); }
  function schedule(ms = 700) { clearTimeout(timer); timer = setTimeout(send, Math.max(ms, notBefore - Date.now())); }
  function later(seconds = 0) {
    delay = Math.min(delay * 2, 30000);
    notBefore = Date.now() + Math.max(seconds * 1000, delay);
    schedule(0);
  }

  async function send() {
    if (sending || !waiting.size) return;
    sending = true;
    const batch = unanswered || new Map([...waiting].slice(0, 500));
    unanswered = batch;
    const cells = [...batch].map(([element, text]) => ({ element, text, version: Number(byElement.get(element).dataset.version) }));
    say("正在保存……");
    try {
      const answer = await fetch(`${path}/cells`, {
        method: "POST", credentials: "same-origin", signal: AbortSignal.timeout(30000),
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, Accept: "application/json" },
        body: JSON.stringify({ cells }),
      });
      if (answer.status !== 502 && answer.status !== 504) unanswered = null;
      if (answer.status === 401 || answer.status === 403) { say("登录已过期，填的内容已留在本机。请重新登录后再打开本页。", true); sending = false; return; }
      if (!answer.ok) {
        const told = await answer.json().catch(() => ({}));
        if (answer.status >= 500 || answer.status === 429 || answer.status === 408) {
          say("现在太忙，填的内容已留在本机，过一会儿自动保存。", true);
          sending = false;
          later(Number(answer.headers.get("Retry-After")) || 0);
          return;
        }
        say((told.message || told.detail || "没有保存成功，请刷新页面。"), true);
        sending = false;
        return;
      }
      const outcome = await answer.json();
      for (const one of outcome.saved) {
        const input = byElement.get(one.element);
        input.dataset.version = one.version;
        if (waiting.get(one.element) === batch.get(one.element)) {
          waiting.delete(one.element);
          if (document.activeElement !== input && input.value.trim() === batch.get(one.element).trim()) input.value = one.value ?? "";
          mark(input, "saved");
        }
        const seen = form.elements[`n:${one.element}`], old = form.elements[`o:${one.element}`];
        if (seen) seen.value = one.version;
        if (old) old.value = one.value ?? "";
      }
      for (const [element, error] of Object.entries(outcome.refused)) {
        const input = byElement.get(element);
        if (waiting.get(element) === batch.get(element)) waiting.delete(element);
        mark(input, "refused", `${error.message} ${error.hint}`, error.code);
      }
      delay = 1000;
      notBefore = 0;
      const bad = Object.keys(outcome.refused).length;
      say(bad ? `有 ${bad} 项没有保存，见红字。` : `已自动保存 ${new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" })}`, bad > 0);
    } catch {
      say("网络断了，填的内容已留在本机，恢复后自动保存。", true);
      sending = false;
      remember(); count();
      later();
      return;
    }
    sending = false;
    remember(); count();
    if (waiting.size) schedule();
  }

  // ---- totals: exact sums of decimals, as the server computes them
  const NUMBER = /^-?\d+(\.\d+)?$/;
  function scaled(text) {
    const plain = text.replace(/[，,\s]/g, "").replace(/[０-９．]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0));
    if (!NUMBER.test(plain)) return null;
    const [whole, part = ""] = plain.replace("-", "").split(".");
    const value = BigInt(whole + part.padEnd(6, "0").slice(0, 6));
    return part.length > 6 ? null : plain.startsWith("-") ? -value : value;
  }
  const unscaled = (n) => {
    const text = (n < 0n ? -n : n).toString().padStart(7, "0");
    return (n < 0n ? "-" : "") + `${text.slice(0, -6)}.${text.slice(-6)}`.replace(/\.?0+$/, "");
  };
  const held = (element) => {
    const at = document.getElementById(`v-${element}`);
    return at ? ("value" in at ? at.value : at.dataset.value || "").trim() : "";
  };
  const computed = [...form.querySelectorAll("tr[data-weights]")].filter((row) => row.querySelector("output[data-element]") && form.dataset.fillable === "1");
  function addUp() {
    for (let round = 0; round < 5; round += 1) {
      let changed = false;
      for (const row of computed) {
        if (!row.classList.contains("computed")) continue;
        const ids = row.dataset.inputs.split(" "), weights = row.dataset.weights.split(" ").map(BigInt);
        const parts = ids.map((id) => scaled(held(id)));
        const output = row.querySelector("output");
        if (row.dataset.formula !== "sum") continue;
        const text = parts.some((part) => part === null) ? "" : unscaled(parts.reduce((sum, part, i) => sum + part * weights[i], 0n));
        if (output.dataset.value !== text) { output.dataset.value = text; output.value = text; changed = true; }
      }
      if (!changed) return;
    }
  }

  // ---- how much is left
  function count() {
    const left = inputs.filter((input) => !input.value.trim() || input.getAttribute("aria-invalid") === "true").length;
    const total = form.querySelectorAll("tr[id^='c-']").length;
    progress.replaceChildren();
    if (left) { progress.append("还需填写 "); const strong = document.createElement("strong"); strong.textContent = left; progress.append(strong, " 项"); } else progress.append("都填好了");
    progress.append(`，共 ${total} 项`);
    for (const chapter of form.querySelectorAll(".chapter")) {
      const open = [...chapter.querySelectorAll("[data-element][data-version]:not([readonly])")].filter((input) => !input.value.trim()).length;
      let badge = chapter.querySelector(".count");
      if (!badge && open) { badge = document.createElement("span"); badge.className = "count"; chapter.querySelector("h2").append(" ", badge); }
      if (badge) badge.textContent = open ? `未填 ${open}` : "已填完";
    }
  }

  // What is typed is marked at once; the sums and the shelf follow when the keys rest, but never later than the page's end.
  let settling = 0;
  function settle() { clearTimeout(settling); settling = 0; remember(); addUp(); count(); }
  function typed(input) {
    waiting.set(input.dataset.element, input.value);
    mark(input, "waiting");
    if (!settling) settling = setTimeout(settle, 100);
    schedule();
  }
  for (const input of inputs) {
    input.addEventListener("input", () => typed(input));
    input.addEventListener("change", () => schedule(50));
  }

  // ---- keys: Enter and the arrows go from cell to cell, as in Excel
  const visible = () => inputs.filter((input) => input.offsetParent !== null);
  form.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!inputs.includes(input) || event.isComposing) return;
    const step = event.key === "Enter" ? (event.shiftKey ? -1 : 1) : input.tagName === "SELECT" ? 0 : event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    const list = visible();
    const next = list[list.indexOf(input) + step];
    if (next) { next.focus(); if (next.select) next.select(); }
  });

  // ---- a paste of several cells from Excel: by name where the first column has names, else downwards from here
  const plain = (text) => text.replace(/[\s（）()：:、，]/g, "");
  form.addEventListener("paste", (event) => {
    const input = event.target;
    const text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!inputs.includes(input) || !/[\n\t]/.test(text.trim())) return;
    event.preventDefault();
    const rows = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
    const list = visible();
    const names = new Map();
    for (const one of list) { // the last words alone name a cell where no other cell ends in them
      const label = rowOf(one).querySelector("label").textContent, last = plain(label.split("·").pop());
      names.set(last, names.has(last) ? null : one);
    }
    for (const one of list) names.set(plain(rowOf(one).querySelector("label").textContent), one);
    const named = rows.filter((row) => row.length > 1 && names.get(plain(row[0])));
    let put = 0;
    const set = (target, value) => {
      if (!target || value === undefined) return;
      if (target.tagName === "SELECT" && ![...target.options].some((option) => option.text === value.trim())) return;
      target.value = value.trim(); typed(target); put += 1;
    };
    if (named.length && named.length >= rows.length / 2) {
      for (const row of named) set(names.get(plain(row[0])), row[row.length - 1]);
    } else {
      const from = list.indexOf(input);
      rows.forEach((row, i) => set(list[from + i], row.length > 1 ? row.find((cell) => scaled(cell) !== null) ?? row[0] : row[0]));
    }
    say(`粘贴了 ${put} 项${put < rows.length ? `，另有 ${rows.length - put} 行没有对上` : ""}`, put < rows.length);
  });

  // ---- filters
  if (filters) {
    filters.hidden = false;
    filters.addEventListener("click", (event) => {
      const show = event.target.dataset && event.target.dataset.show;
      if (!show) return;
      for (const button of filters.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === event.target));
      for (const row of form.querySelectorAll("tr[id^='c-']")) {
        const input = row.querySelector("[data-version]:not([readonly])");
        row.hidden = show === "missing" ? !(input && !input.value.trim()) : show === "remarks" ? !row.classList.contains("remarked") : false;
      }
      for (const chapter of form.querySelectorAll(".chapter")) chapter.hidden = ![...chapter.querySelectorAll("tbody tr")].some((row) => !row.hidden);
    });
  }

  // What takes the focus is never under the standing, however many lines it has just now.
  const standing = document.querySelector(".standing");
  new ResizeObserver(() => { document.documentElement.style.scrollPaddingTop = `${standing.offsetHeight + 12}px`; }).observe(standing);

  form.addEventListener("submit", (event) => { event.preventDefault(); schedule(0); });
  window.addEventListener("online", () => { if (delay > 1000 && !sending) { notBefore = 0; schedule(0); } });
  document.addEventListener("visibilitychange", remember);
  window.addEventListener("pagehide", remember);
  window.addEventListener("beforeunload", (event) => { remember(); if (waiting.size && navigator.onLine && sending) event.preventDefault(); });
  recall(); addUp(); count();
})();
