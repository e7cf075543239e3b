// A button that counts only when it is held, so that a pocket or a slip hands nothing over. Whoever
// works by keyboard or screen reader presses it as any other; Enter in a field only leads to it.

const HOLD_MS = 600;
const SLIP_PX = 40; // a finger that moves so far has changed its mind
let held = null;

function release() {
  if (!held) return;
  clearTimeout(held.timer);
  held.button.classList.remove("holding");
  held = null;
}

document.addEventListener("pointerdown", (event) => {
  const button = event.target.closest("[data-hold]");
  if (!button || button.disabled || event.button !== 0) return;
  release();
  button.classList.add("holding");
  const timer = setTimeout(() => {
    const { button: done } = held;
    release();
    done.form.requestSubmit(done);
  }, HOLD_MS);
  held = { button, timer, x: event.clientX, y: event.clientY };
  button.setPointerCapture(event.pointerId); // the page may move under the finger; the finger did not
});
for (const name of ["pointerup", "pointercancel", "blur"]) window.addEventListener(name, release);
window.addEventListener("pointermove", ({ clientX, clientY }) => {
  if (held && Math.hypot(clientX - held.x, clientY - held.y) > SLIP_PX) release();
});

document.addEventListener("contextmenu", (event) => {
  if (event.target.closest("[data-hold]")) event.preventDefault(); // a long press is ours here
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-hold]");
  if (button && event.detail !== 0) event.preventDefault(); // a tap: too short, or counted already
}, true);
document.addEventListener("keydown", (event) => {
  const button = event.key === "Enter" && event.target.matches("input") && event.target.form?.querySelector("[data-hold]");
  if (!button) return;
  event.preventDefault();
  button.focus();
});
