// Count what came of a transfer, by scan or by typing; a difference is marked before it is booked.

import { play, wake } from "./sound.js";

const plain = (code) => (/^\d+$/.test(code) ? code.replace(/^0+/, "") : code.toUpperCase());
const rows = (form) => [...form.querySelectorAll(".came")];
const field = (row) => row.querySelector("[name=units]");
const fits = (row, code) =>
  [row.dataset.sku, ...JSON.parse(row.dataset.barcodes)].some((known) => plain(known) === code);

function show(form) {
  for (const row of rows(form)) {
    const counted = field(row).value !== "";
    const whole = Number(row.querySelector("[name=damaged]").value) === 0;
    const same = whole && Number(field(row).value) === Number(row.dataset.sent);
    row.classList.toggle("complete", counted && same);
    row.classList.toggle("differs", counted && !same);
  }
}

function say(form, words) {
  form.querySelector("[data-counted]").textContent = words;
}

function scanned(form, shown) {
  const row = rows(form).find((one) => fits(one, plain(shown)));
  wake();
  if (!row) {
    play("bad");
    return say(form, `${shown} is not part of this transfer. Lay it aside.`);
  }
  field(row).value = Number(field(row).value) + 1;
  play("good");
  show(form);
  say(form, `${row.querySelector(".article").textContent}: ${field(row).value} of ${row.dataset.sent}.`);
}

function begin() {
  const form = document.getElementById("receive");
  if (!form || form.dataset.begun) return;
  form.dataset.begun = "yes";
  form.addEventListener("scanned", ({ detail }) => scanned(form, detail));
  form.addEventListener("input", () => show(form));
  form.querySelector("[data-all-came]").addEventListener("click", () => {
    for (const row of rows(form)) field(row).value = row.dataset.sent;
    show(form);
    say(form, "Everything is counted as it was sent.");
  });
}

document.addEventListener("htmx:after:swap", begin);
begin();
