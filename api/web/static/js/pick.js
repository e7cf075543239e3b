// Count what is collected, by scan or by tap. A wrong article blocks with words and a tone, a
// repeated scan is harmless. Counts are kept on the device until the server has them.

import { block, blocked } from "./block.js";
import { play, wake } from "./sound.js";

const area = document.getElementById("notice");
const PREFIX = "tributary:picked:";

// Scanners differ in whether they send the leading zero of a UPC.
const plain = (code) => (/^\d+$/.test(code) ? code.replace(/^0+/, "") : code.toUpperCase());

const rows = (form) => [...form.querySelectorAll(".pick")];
const wanted = (row) => Number(row.dataset.quantity);
const counted = (row) => Number(row.querySelector("[name=units]").value);
const fits = (row, code) =>
  [row.dataset.sku, ...JSON.parse(row.dataset.barcodes)].some((known) => plain(known) === code);

function say(words, mood) {
  const box = document.createElement("p");
  box.className = "notice";
  box.dataset.mood = mood;
  box.textContent = words;
  area.replaceChildren(box);
}

function show(form) {
  for (const row of rows(form)) {
    row.querySelector("[data-count]").textContent = counted(row);
    row.classList.toggle("complete", counted(row) === wanted(row));
  }
  const all = rows(form).reduce((sum, row) => sum + wanted(row), 0);
  const done = rows(form).reduce((sum, row) => sum + counted(row), 0);
  const rest = all - done;
  form.querySelector("[data-progress]").textContent = rest
    ? `${done} of ${all} collected. Scan each article, or tap +.`
    : "Everything is collected.";
  document.getElementById("finish").disabled = rest > 0;
}

function keep(form) {
  const counts = rows(form).map((row) => [row.dataset.sku, counted(row)]);
  localStorage.setItem(PREFIX + form.dataset.remember, JSON.stringify(counts));
}

function set(form, row, units) {
  row.querySelector("[name=units]").value = Math.max(0, Math.min(wanted(row), units));
  keep(form);
  show(form);
}

function scanned(form, shown) {
  const code = plain(shown);
  const matching = rows(form).filter((row) => fits(row, code));
  const row = matching.find((one) => counted(one) < wanted(one)) ?? matching[0];
  wake();
  if (blocked()) return block("");
  if (!row) {
    const words = `Wrong article: ${shown} is not on this list. Put it back.`;
    say(words, "bad");
    return block(words);
  }
  const name = row.querySelector(".article").textContent;
  if (counted(row) === wanted(row)) {
    play("good");
    return say(`${name}: all ${wanted(row)} are collected already.`, "mind");
  }
  set(form, row, counted(row) + 1);
  play("good");
  say(`${name}: ${counted(row)} of ${wanted(row)}.`, "good");
}

function begin() {
  const form = document.getElementById("pick");
  if (!form || form.dataset.begun) return;
  form.dataset.begun = "yes";
  // By article, not by place: a line may have been taken out meanwhile.
  const kept = JSON.parse(localStorage.getItem(PREFIX + form.dataset.remember) ?? "[]");
  for (const row of rows(form)) {
    const at = kept.findIndex((one) => one[0] === row.dataset.sku);
    const before = at < 0 ? counted(row) : kept.splice(at, 1)[0][1];
    row.querySelector("[name=units]").value = Math.min(wanted(row), before);
  }
  form.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-add]");
    if (!button) return;
    const row = button.closest(".pick");
    set(form, row, counted(row) + Number(button.dataset.add));
  });
  form.addEventListener("scanned", ({ detail }) => scanned(form, detail));
  show(form);
}

function forget() {
  // The card says by its step that the counts have served their purpose.
  const card = document.getElementById("card");
  if (!card || ["new", "picking"].includes(card.dataset.step)) return;
  const id = location.pathname.split("/").at(-1);
  for (const kind of ["pickup", "putback", "shipment", "transfer"]) localStorage.removeItem(`${PREFIX}${kind}:${id}`);
}

document.addEventListener("htmx:after:swap", () => {
  begin();
  forget();
});
begin();
forget();
