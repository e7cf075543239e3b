// Ring for new pickups until somebody has seen them, and for a customer at the car until somebody
// has taken it: that alarm cannot be put off. What was seen is remembered on the device, so neither
// a reload nor another page loses an alarm.

import { awake, play, wake } from "./sound.js";

const AGAIN_MS = 6_000;

const alarm = document.getElementById("alarm");
const shift = document.getElementById("shift");
const place = document.getElementById("bell")?.dataset.location;
const SEEN = `tributary:seen:${place}`;
const SHIFT = `tributary:shift:${place}`;
let unseen = [];
let outside = 0;

const onShift = () => localStorage.getItem(SHIFT) === "on";
const atTheCar = () => (onShift() ? Number(document.getElementById("bell").dataset.atTheCar) : 0);
const waiting = () => JSON.parse(document.getElementById("bell").dataset.new);
const seen = () => new Set(JSON.parse(localStorage.getItem(SEEN) ?? "[]"));

function remember(ids) {
  localStorage.setItem(SEEN, JSON.stringify(ids));
}

function look() {
  const known = seen();
  const now = waiting();
  remember(now.filter((id) => known.has(id))); // what is no longer new need not be kept
  const before = unseen.length;
  unseen = onShift() ? now.filter((id) => !known.has(id)) : [];
  const stood = outside;
  outside = atTheCar();
  show();
  if (unseen.length > before || outside > stood) play("fresh");
}

function show() {
  alarm.hidden = unseen.length + outside === 0;
  alarm.dataset.mood = outside ? "outside" : "new";
  alarm.querySelector("button").hidden = unseen.length === 0;
  const words = [
    outside && `${outside} ${outside === 1 ? "customer waits" : "customers wait"} at the car`,
    unseen.length && `${unseen.length} new ${unseen.length === 1 ? "pickup" : "pickups"}`,
  ].filter(Boolean).join(" · ");
  const text = alarm.querySelector("[data-text]");
  if (words && text.textContent !== words) text.textContent = words;
  const quiet = onShift() && !awake();
  shift.setAttribute("aria-pressed", String(onShift()));
  shift.textContent = onShift() ? (quiet ? "Turn sound on" : "End shift") : "Start shift";
}

function acknowledge() {
  remember(waiting());
  unseen = [];
  outside = atTheCar();
  show();
}

if (alarm && shift && place) {
  shift.hidden = false;
  shift.addEventListener("click", async () => {
    const wasQuiet = !awake();
    await wake();
    if (onShift() && !wasQuiet) localStorage.removeItem(SHIFT);
    else if (!onShift()) {
      localStorage.setItem(SHIFT, "on");
      play("good");
    }
    acknowledge(); // whoever taps here has the queue before their eyes
  });
  alarm.querySelector("button").addEventListener("click", acknowledge);
  alarm.querySelector("a").addEventListener("click", acknowledge);
  // A page of ours that follows another may sound at once; after a reload a gesture is needed.
  if (onShift()) wake().then(show);
  for (const gesture of ["pointerdown", "keydown"]) {
    document.addEventListener(gesture, async () => {
      if (!onShift() || awake()) return;
      await wake();
      show();
    });
  }
  document.addEventListener("htmx:after:swap", ({ target }) => {
    if (target.id === "bell") look();
  });
  setInterval(() => unseen.length + outside && play("fresh"), AGAIN_MS);
  if (!onShift() || awake()) look();
  else setTimeout(look, 300); // time for the sound to be allowed, so that no label flickers
}
