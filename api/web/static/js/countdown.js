// Keep the minutes to each promise, and the clock of who waits at the car, true between two
// refreshes. Same words as `formats.remaining`.

const TICK_MS = 10_000;

function span(minutes) {
  if (minutes >= 2880) {
    const days = Math.floor(minutes / 1440);
    return `${days} ${days === 1 ? "day" : "days"}`;
  }
  if (minutes < 120) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest ? ` ${rest} min` : ""}`;
}

function urgency(minutes) {
  if (minutes < 0) return "late";
  if (minutes <= 15) return "soon";
  return minutes <= 60 ? "near" : "calm";
}

/** The time to a promise in words. */
export function words(minutes) {
  if (minutes === 0) return "due now";
  return `${span(Math.abs(minutes))} ${minutes > 0 ? "left" : "late"}`;
}

function tick() {
  for (const shown of document.querySelectorAll("[data-due]")) {
    const minutes = Math.floor((Date.parse(shown.dataset.due) - Date.now()) / 60_000);
    if (shown.textContent !== words(minutes)) shown.textContent = words(minutes);
    shown.dataset.urgency = urgency(minutes);
    const job = shown.closest(".job");
    if (job) job.dataset.urgency = shown.dataset.urgency;
  }
}

/** How long somebody has waited. Same words as `formats.waited`. */
export function waited(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}

function waits() {
  for (const shown of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(shown.dataset.since)) / 1000));
    const level = seconds >= 300 ? "late" : seconds >= 180 ? "soon" : "near";
    shown.textContent = `waits ${waited(seconds)}`;
    shown.dataset.wait = level;
    const around = shown.closest(".visit-job, .visit");
    if (around) around.dataset.wait = level;
  }
}

/** The seconds in which something can be undone; at their end the page says that it is final. */
function undoes() {
  for (const form of document.querySelectorAll("[data-until]")) {
    const seconds = Math.ceil((Date.parse(form.dataset.until) - Date.now()) / 1000);
    if (seconds > 0) {
      form.querySelector("[data-left]").textContent = `${seconds} s left to undo it.`;
    } else {
      form.replaceChildren("It can no longer be undone.");
      form.removeAttribute("data-until");
    }
  }
}

setInterval(tick, TICK_MS);
setInterval(waits, 1_000);
setInterval(undoes, 1_000);
document.addEventListener("visibilitychange", () => {
  tick();
  waits();
});
