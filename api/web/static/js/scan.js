// The scan field: a keyboard-wedge scanner types into it from anywhere on the page, and what it
// reads goes to the task at hand (picking, hand-over) or else to the search. It is always cleared.

const form = document.getElementById("scan");
const field = document.getElementById("shown");
const label = form?.querySelector("[data-scan-label]");

const taskAtHand = () =>
  document.getElementById("pick") ?? document.getElementById("hand-over") ?? document.querySelector("[data-scan-task]");

function caption() {
  const words = document.querySelector("[data-scan]")?.dataset.scan;
  if (words && label.textContent !== words) label.textContent = words;
  const local = taskAtHand();
  form.querySelector("button:not([type])").textContent = local ? "Enter" : "Find";
}

if (form) {
  // In capture, before htmx sees the submit: the task at hand may take what was read.
  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    const shown = field.value.trim();
    const task = taskAtHand();
    // A QR code that is scanned in the queue need not be scanned again on the pickup's page.
    if (shown && !task) sessionStorage.setItem("tributary:shown", shown);
    if (shown && !task) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    field.value = ""; // at once: the next scan may be on its way already
    // Not beside the camera: a telephone would show its keyboard over the picture.
    if (!document.querySelector(".camera")) field.focus({ preventScroll: true });
    if (shown) task.dispatchEvent(new CustomEvent("scanned", { detail: shown, bubbles: true }));
  }, true);

  // In bubbling, after htmx has read the form.
  document.addEventListener("submit", (event) => {
    if (event.target === form) field.value = "";
  });

  document.addEventListener("keydown", (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " || event.target.closest("input, select, textarea, [contenteditable]")) return;
    field.focus();
  });

  // The camera's script, and what it needs, are loaded by the first tap.
  const camera = document.getElementById("camera");
  camera.hidden = !navigator.mediaDevices?.getUserMedia; // not on plain HTTP
  camera.addEventListener("click", async () => {
    const { toggle } = await import("./camera.js");
    await toggle((code) => {
      field.value = code;
      form.requestSubmit();
    });
  });

  document.addEventListener("htmx:after:swap", caption);
  caption();
}
