// Look again whether what the page says of the customer at the car is still true, and put only
// that part in place of the old one: nothing that is typed or read elsewhere on the page is lost.

const EVERY_MS = 20_000;
const PART = "#at-the-car";

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const old = document.querySelector(PART);
  const fresh = page.querySelector(PART);
  if (!fresh) location.reload(); // it is over: the page says something else altogether
  else if (old && old.textContent !== fresh.textContent) old.replaceWith(fresh);
}

setInterval(() => look().catch(() => {}), EVERY_MS);
