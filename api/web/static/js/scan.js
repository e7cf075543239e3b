// The scan field: a keyboard-wedge scanner types into it from anywhere on the page, and what it
// reads goes to the task at hand (picking, hand-over) or else to the search. It is always cleared.

const form = document.getElementById("scan");
const field = document.getElementById("shown");
const label = form?.querySelector("[data-scan-label]");

function caption() {
  const words = document.querySelector("[data-scan]")?.dataset.scan;
  if (words && label.textContent !== words) label.textContent = words;
  const local = document.getElementById("pick") ?? document.getElementById("hand-over");
  form.querySelector("button").textContent = local ? "Enter" : "Find";
}

if (form) {
  // In capture, before htmx sees the submit: the task at hand may take it.
  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    const typed = field.value;
    const shown = typed.trim();
    const task = document.getElementById("pick") ?? document.getElementById("hand-over");
    if (!shown || task) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (shown && task) task.dispatchEvent(new CustomEvent("scanned", { detail: shown, bubbles: true }));
    // A QR code that is scanned in the queue need not be scanned again on the pickup's page.
    if (shown && !task) sessionStorage.setItem("tributary:shown", shown);
    // The next scan may be typing already: clear at once, or take away only what was sent.
    if (!shown || task) field.value = "";
    else setTimeout(() => { field.value = field.value.startsWith(typed) ? field.value.slice(typed.length) : field.value; });
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " || event.target.closest("input, select, textarea, [contenteditable]")) return;
    field.focus();
  });

  document.addEventListener("htmx:after:swap", caption);
  caption();
}
