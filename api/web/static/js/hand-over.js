// Take a scanned QR code into the hand-over, and leave the confirming to the person.

import { play, wake } from "./sound.js";

function take(form, shown) {
  form.elements.value.value = shown;
  form.querySelector("[data-typed]").hidden = true; // nobody can read a token
  form.querySelector("[data-scanned]").hidden = false;
  form.querySelector("[data-hold]").focus();
  wake();
  play("good");
}

function begin() {
  const form = document.getElementById("hand-over");
  if (!form || form.dataset.begun) return;
  form.dataset.begun = "yes";
  form.addEventListener("scanned", ({ detail }) => take(form, detail));
  const shown = sessionStorage.getItem("tributary:shown");
  sessionStorage.removeItem("tributary:shown");
  // An order number or a barcode leads here as well; only a QR token is as long as this.
  if (shown && shown.length >= 24) take(form, shown);
}

document.addEventListener("htmx:after:swap", begin);
begin();
