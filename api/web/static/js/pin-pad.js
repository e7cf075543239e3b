// A PIN pad for the thumb. With it, the device's own keyboard stays away from the PIN field.

const pad = document.getElementById("pin-pad");
const form = document.getElementById("sign-in");

if (pad && form) {
  const pin = form.elements.pin;
  pin.inputMode = "none";
  pad.hidden = false;
  pad.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button || button.matches(".go")) return;
    if ("erase" in button.dataset) pin.value = pin.value.slice(0, -1);
    else if (pin.value.length < pin.maxLength) pin.value += button.dataset.digit;
  });
}
