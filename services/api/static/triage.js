// Moves among candidates and presses their buttons by keyboard; without it the buttons work as they are.
"use strict";

const items = [...document.querySelectorAll(".triage > li[id]")];
const asked = items.findIndex((item) => `#${item.id}` === location.hash);
let at = -1;

function go(to) {
  if (items.length === 0) return;
  items[at]?.removeAttribute("aria-current");
  at = Math.max(0, Math.min(items.length - 1, to));
  items[at].setAttribute("aria-current", "true");
  items[at].focus({ preventScroll: false });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  if (event.key === "j") go(at + 1);
  else if (event.key === "k") go(at - 1);
  else if (event.key === "z") document.querySelector("#annuler button")?.click();
  else if (event.key === "o") items[at]?.querySelector("a")?.click();
  else items[at]?.querySelector(`button[data-key="${CSS.escape(event.key)}"]`)?.click();
});

go(Math.max(0, asked));
