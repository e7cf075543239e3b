// Give every command a key of its own before it is sent, and the same key when it is sent again:
// the server carries a key out once, so a tap repeated after a lost connection is harmless.

const pending = new WeakMap();

function newKey() {
  // crypto.randomUUID exists on secure pages only; a store's own network may be plain HTTP.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method === "GET") return;
  const wish = ctx.request.action + "?" + new URLSearchParams(ctx.request.body);
  let intent = pending.get(ctx.sourceElement);
  if (!intent || intent.wish !== wish) {
    intent = { wish, key: newKey() };
    pending.set(ctx.sourceElement, intent);
  }
  ctx.request.headers["Idempotency-Key"] = intent.key;
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  // After a fault of the server nobody knows whether it was carried out: keep the key.
  if (ctx.response.status < 500) pending.delete(ctx.sourceElement);
});
