// A wrong scan blocks: words and a tone, until somebody acknowledges it. Not by Enter alone, which
// every scanner sends after every code: the button must be tapped or reached by Tab, or Escape.

import { play, wake } from "./sound.js";

let box = null;

/** Whether something is still to be acknowledged. */
export const blocked = () => Boolean(box?.open);

/** Stop everything until these words are acknowledged. */
export function block(words) {
  wake();
  play("bad");
  if (blocked()) return;
  box ??= make();
  box.querySelector("[data-words]").textContent = words;
  box.showModal();
  box.querySelector("h2").focus();
}

function make() {
  const made = document.createElement("dialog");
  made.className = "blocked";
  made.setAttribute("role", "alertdialog");
  made.setAttribute("aria-labelledby", "blocked-head");
  made.setAttribute("aria-describedby", "blocked-words");
  const head = document.createElement("h2");
  head.id = "blocked-head";
  head.tabIndex = -1;
  head.textContent = "Stop: wrong scan";
  const text = document.createElement("p");
  text.id = "blocked-words";
  text.dataset.words = "";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "wide";
  button.textContent = "Understood";
  button.addEventListener("click", () => made.close());
  made.addEventListener("close", () => {
    if (!document.querySelector(".camera")) document.getElementById("shown")?.focus();
  });
  made.addEventListener("keydown", (event) => {
    if (event.key.length === 1 && event.target !== button) play("bad"); // a scan meanwhile
  });
  made.append(head, text, button);
  document.body.append(made);
  return made;
}
