// A roster's cells edited in place: Enter or a click opens a cell, Enter or leaving it saves, Escape leaves it as it was.
// Without this script the link at each name leads to a form that does the same.
(() => {
  "use strict";
  const table = document.querySelector("table.roster[data-editable=yes]");
  if (!table) return;
  const told = document.getElementById("roster-told");

  const dress = (cell) => {
    const text = cell.querySelector(".text");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cell";
    const value = text ? text.textContent : "";
    button.setAttribute("aria-label", `${cell.dataset.label}：${value || "空"}，修改`);
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => open(cell, value));
  };

  const show = (cell, value) => {
    const text = document.createElement("span");
    text.className = value ? "text" : "blank";
    text.textContent = value || "空";
    cell.replaceChildren(text);
    dress(cell);
  };

  // What a cell holds now, in every row that shares it: a fact of the household stands on each member's row.
  const kept = (cell, said) => {
    const { home, column } = cell.dataset;
    const shared = home ? table.querySelectorAll(`td[data-home="${home}"][data-column="${column}"]`) : [cell];
    for (const one of shared) {
      one.dataset.version = said.version;
      one.classList.remove("failed", "missing", "shared", "differs");
      one.classList.add(said.value ? "edited" : "missing");
      one.removeAttribute("title");
      show(one, said.value);
    }
  };

  const open = (cell, value) => {
    const before = [...cell.childNodes];
    const input = document.getElementById(`input-${cell.dataset.column}`).content.firstElementChild.cloneNode(true);
    if (input.tagName === "SELECT" && value && ![...input.options].some((option) => option.value === value)) {
      input.add(new Option(value, value));
    }
    input.value = value;
    cell.replaceChildren(input);
    input.focus();
    let done = false;
    const close = (focus) => {
      done = true;
      cell.classList.remove("failed");
      cell.replaceChildren(...before);
      if (focus) cell.querySelector("button").focus();
    };
    const keep = async (focus) => {
      if (done) return;
      if (input.value === value) return close(focus);
      done = true;
      cell.classList.add("saving");
      const failed = (message) => {
        done = false;
        cell.classList.add("failed");
        told.textContent = message;
      };
      try {
        const body = new FormData();
        body.set("csrf", table.dataset.csrf);
        body.set("element", cell.dataset.element);
        body.set("text", input.value);
        body.set("version", cell.dataset.version);
        const subject = cell.closest("tr").dataset.subject;
        const answer = await fetch(`${table.dataset.here}/rows/${subject}/cell`, {
          method: "POST", body, headers: { "X-CSRF-Token": table.dataset.csrf, Accept: "application/json" },
        });
        const said = await answer.json();
        if (!answer.ok) return failed(`${said.message} ${said.hint || ""}`);
        kept(cell, said);
        told.textContent = `${cell.dataset.label}已保存${cell.dataset.mates ? `，同户另外 ${cell.dataset.mates} 人的行一起改了` : ""}`;
        if (focus) cell.querySelector("button").focus();
      } catch {
        failed("没有保存：网络不通。请稍后再试，写的内容还在格子里。");
      } finally {
        cell.classList.remove("saving");
      }
    };
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter") { event.preventDefault(); keep(true); }
      if (event.key === "Escape") { event.preventDefault(); close(true); }
    });
    input.addEventListener("blur", () => keep(false));
  };

  table.querySelectorAll("td[data-element]").forEach(dress);
})();
