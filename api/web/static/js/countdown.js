// Keep the minutes to each promise true between two refreshes. Same words as `formats.remaining`.

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

setInterval(tick, TICK_MS);
document.addEventListener("visibilitychange", tick);
