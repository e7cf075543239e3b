// Say honestly whether the page is up to date, and connect anew when the line has gone silent.

const SILENT_MS = 25_000; // the server sends a beat every 10 seconds
const LOOK_MS = 5_000;

const line = document.getElementById("live");
const state = document.getElementById("live-state");
let connection = null;
let connected = false; // the line brings beats
let fresh = true; // the last refresh of the page came through
let heard = Date.now();

function show() {
  const name = connected && fresh ? "live" : "offline";
  if (state.dataset.state === name) return;
  state.dataset.state = name;
  const clock = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  state.textContent = name === "live" ? "Live" : `Offline since ${clock}. Trying again by itself.`;
}

function hear() {
  heard = Date.now();
  connected = true;
  show();
}

function lose() {
  connected = false;
  show();
}

function refreshed({ detail: { ctx } }, worked) {
  if (!ctx || ctx.sourceElement === line || ctx.request.method !== "GET") return;
  fresh = worked;
  show();
}

if (line) {
  line.addEventListener("htmx:sse:after:connection", ({ detail }) => {
    connection = detail.connection;
    hear();
  });
  line.addEventListener("htmx:sse:before:message", hear);
  line.addEventListener("htmx:sse:error", lose);
  line.addEventListener("htmx:sse:close", () => {
    connection = null;
    lose();
  });
  line.addEventListener("htmx:finally:request", () => {
    if (!connection) lose(); // the first attempt failed; there is no stream that could retry
  });
  document.addEventListener("htmx:error", (event) => refreshed(event, false));
  document.addEventListener("htmx:after:request", (event) => {
    refreshed(event, event.detail.ctx.response.status < 400);
  });
  window.addEventListener("offline", lose);

  setInterval(() => {
    if (connection && Date.now() - heard > SILENT_MS) {
      lose();
      heard = Date.now();
      connection.reader?.cancel(); // the extension then connects again
    } else if (!connection) {
      lose();
      line.dispatchEvent(new Event("again"));
    }
  }, LOOK_MS);
}
