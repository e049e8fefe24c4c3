// Proposes territories under the search fields while one types (a combobox with a list, as WAI-ARIA
// has it). Without it the forms work as they are.
"use strict";

const LEAST = 3; // signs, as services/api/pages/suggesting.py
const PAUSE = 150; // ms without a key before the portal is asked

function propose(input, place) {
  const list = document.createElement("ul");
  const told = document.createElement("p");
  let chosen = -1, timer = 0, asked = "";
  list.id = `propositions-${place}`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Propositions");
  told.className = "hidden";
  told.setAttribute("role", "status");
  input.parentElement.append(list, told);
  input.type = "text";
  input.enterKeyHint = "search";
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);

  function show(found) {
    list.replaceChildren(...found.map(([name, what, address], at) => {
      const option = document.createElement("li");
      const kind = document.createElement("span");
      option.id = `${list.id}-${at}`;
      option.setAttribute("role", "option");
      option.dataset.address = address;
      kind.textContent = what;
      option.append(name, " ", kind);
      return option;
    }));
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    told.textContent = list.hidden ? "" : `${found.length} ${found.length > 1 ? "propositions" : "proposition"}`;
    choose(-1);
  }

  function choose(at) {
    chosen = at;
    for (const [n, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(n === at));
    }
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  }

  async function ask() {
    const typed = asked = input.value.trim();
    if (typed.length < LEAST) return show([]);
    try {
      const answer = await fetch(`/recherche/propositions?q=${encodeURIComponent(typed.slice(0, 60))}`);
      const found = answer.ok ? await answer.json() : [];
      if (typed === asked) show(found);
    } catch {
      show([]);
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    const count = list.hidden ? 0 : list.children.length;
    if (event.key === "Escape" && count) {
      event.preventDefault();
      show([]);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(chosen < 0 && step < 0 ? count - 1 : chosen + step >= count ? -1 : chosen + step);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(list.children[chosen].dataset.address);
    }
  });
  input.addEventListener("blur", () => {
    asked = "";
    clearTimeout(timer);
    show([]);
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the field focused
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.address);
  });
  show([]);
}

document.querySelectorAll("form[role=search] input[type=search]").forEach(propose);
