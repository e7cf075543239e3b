// Count what is brought back, by scan or by typing; a row that is counted stands out.

import { play, wake } from "./sound.js";

const plain = (code) => (/^\d+$/.test(code) ? code.replace(/^0+/, "") : code.toUpperCase());
const rows = (form) => [...form.querySelectorAll(".came")];
const field = (row) => row.querySelector("[name=units]");
const fits = (row, code) =>
  [row.dataset.sku, ...JSON.parse(row.dataset.barcodes)].some((known) => plain(known) === code);

function show(form) {
  for (const row of rows(form)) row.classList.toggle("complete", Number(field(row).value) > 0);
}

function say(form, words) {
  form.querySelector("[data-counted]").textContent = words;
}

function scanned(form, shown) {
  const found = rows(form).filter((one) => fits(one, plain(shown)));
  wake();
  const row = found.find((one) => Number(field(one).value) < Number(one.dataset.most));
  if (!row) {
    play("bad");
    return say(form, found.length ? `No more of ${shown} may come back.` : `${shown} is not part of this order.`);
  }
  field(row).value = Number(field(row).value) + 1;
  play("good");
  show(form);
  say(form, `${row.querySelector(".article").textContent}: ${field(row).value} of ${row.dataset.most}.`);
}

function begin() {
  const form = document.getElementById("bring");
  if (!form || form.dataset.begun) return;
  form.dataset.begun = "yes";
  form.addEventListener("scanned", ({ detail }) => scanned(form, detail));
  form.addEventListener("input", ({ target }) => {
    // Whoever names a new article wants an exchange.
    const wish = form.querySelector("[name=give][value=exchange]");
    if (target.name === "article" && target.value && wish) wish.checked = true;
    show(form);
  });
}

document.addEventListener("htmx:after:swap", begin);
begin();
