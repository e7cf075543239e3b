// Scans of a wave, one after the other: the server says into which tote each unit goes. A scanner
// does not wait, so scans queue here; a wrong one stops the queue until it is acknowledged.

import { block, blocked } from "./block.js";
import { play, wake } from "./sound.js";

const waiting = [];
let busy = false;

const card = () => document.querySelector("#card.wave");
const outcome = () => document.querySelector("#notice [data-outcome]");

function heard() {
  const said = outcome();
  if (!said) return play("bad"); // refused, in words
  if (said.dataset.outcome === "wrong") return block(said.textContent.trim());
  play("good");
}

async function next() {
  if (busy || !waiting.length || !card()) return;
  busy = true;
  const code = waiting.shift();
  document.getElementById("notice").replaceChildren();
  try {
    await htmx.ajax("POST", `${card().dataset.path}/scan`, {
      source: document.getElementById("scan"), target: "#card", swap: "outerMorph", values: { code },
    });
    heard();
  } finally {
    busy = false;
    if (blocked()) waiting.length = 0; // what was scanned after a wrong article is scanned again
    next();
  }
}

function staging(code) {
  // All is collected: what is scanned now is a tote to put away, or the shelf that it goes on.
  const forms = [...document.querySelectorAll("form[data-stage]")];
  const tote = forms.find((form) => JSON.parse(form.dataset.codes).includes(code.toUpperCase()));
  const form = tote ?? forms.find((one) => one.dataset.chosen) ?? (forms.length === 1 ? forms[0] : null);
  if (!form) return block(`Scan the tote or its label first; ${code} is none of this wave's.`);
  for (const one of forms) delete one.dataset.chosen;
  form.dataset.chosen = "yes";
  form.scrollIntoView({ block: "center" });
  wake();
  play("good");
  if (tote) return;
  form.elements.shelf.value = code;
  form.querySelector("button").focus();
}

document.addEventListener("scanned", ({ detail }) => {
  if (!card()) return;
  if (blocked()) return block("");
  wake();
  if (card().dataset.collected === "yes") return staging(detail);
  waiting.push(detail);
  next();
});
