// Count units of an article by scan or by tap. A scan of another article opens that one, unless
// units of this one wait to be saved: nobody loses a count by picking up the wrong box.

import { play, wake } from "./sound.js";

const area = document.getElementById("notice");
const card = () => document.getElementById("card");

// Scanners differ in whether they send the leading zero of a UPC.
const plain = (code) => (/^\d+$/.test(code) ? code.replace(/^0+/, "") : code.toUpperCase());

function say(words, mood) {
  const box = document.createElement("p");
  box.className = "notice";
  box.dataset.mood = mood;
  box.textContent = words;
  area.replaceChildren(box);
}

function fits(code) {
  const known = [card().dataset.sku, ...JSON.parse(card().dataset.barcodes)];
  return known.some((one) => plain(one) === plain(code));
}

const open = () => card().querySelector("details[name=work][open] form");
const waiting = () => [...card().querySelectorAll("[name=units]")].find((field) => field.value !== "");

function add(field, step) {
  field.value = Math.max(Number(field.min), Math.min(Number(field.max), Number(field.value) + step));
}

function scanned(code) {
  wake();
  const name = card().dataset.name;
  if (fits(code)) {
    const field = open()?.elements.units;
    play("good");
    if (!field) return say(`${name}: open Count, Receive or Adjust to scan units into it.`, "mind");
    add(field, 1);
    return say(`${name}: ${field.value}.`, "good");
  }
  const unsaved = waiting();
  if (unsaved) {
    play("bad");
    return say(`Another article: ${code}. Save the ${unsaved.value} of ${name} first, or clear them.`, "bad");
  }
  location.assign(`/store/stock?shown=${encodeURIComponent(code)}`);
}

document.addEventListener("scanned", ({ detail }) => scanned(detail));
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-step]");
  if (button?.closest("form")) add(button.closest("form").elements.units, Number(button.dataset.step));
});
