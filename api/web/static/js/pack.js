// Scans at the packing table: each goes to the server by itself and in its turn, however fast they
// come; the answer says whether the article is in its parcel.

import { play, wake } from "./sound.js";

const waiting = [];
let asked = false;

const table = () => document.getElementById("scan-in");

function next() {
  const form = table();
  if (asked || !waiting.length) return;
  if (!form) return void (waiting.length = 0); // packed meanwhile
  asked = true;
  form.elements.shown.value = waiting.shift();
  form.requestSubmit();
}

document.addEventListener("scanned", ({ target, detail }) => {
  if (target !== table()) return;
  wake();
  waiting.push(detail);
  next();
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.id !== "scan-in") return;
  asked = false;
  const refused = ctx.response.status >= 400;
  play(refused ? "bad" : "good");
  // What was scanned after a wrong article is scanned again, with eyes on the screen.
  if (refused) waiting.length = 0;
});

// The card that the answer brought is in the page, and with it the form of the next scan.
document.addEventListener("htmx:after:swap", next);

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx?.sourceElement?.id !== "scan-in") return;
  asked = false;
  waiting.length = 0;
});
