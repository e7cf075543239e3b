// Show that a command did not get through, and lead to the field that a message is about.

const area = document.getElementById("notice");

function say(text, remedy) {
  const box = document.createElement("div");
  box.className = "notice";
  box.dataset.mood = "bad";
  for (const [name, words] of [["said", text], ["remedy", remedy]]) {
    const line = document.createElement("p");
    line.className = name;
    line.textContent = words;
    box.append(line);
  }
  area.replaceChildren(box);
}

function lead() {
  const name = area.querySelector("[data-field]")?.dataset.field;
  const field = name && document.querySelector(`#main [name="${CSS.escape(name)}"]:not([type=hidden])`);
  if (!field) return area.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", "notice");
  field.closest("details")?.setAttribute("open", "");
  field.focus();
}

if (area) {
  // What is not from our pages (a proxy's error page, an answer for programs) never gets into them.
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    if (!ctx.response || ctx.response.status < 500 || ctx.hx.retarget || ctx.hx.reswap) return;
    event.preventDefault();
    if (ctx.request.method === "GET") return;
    say("Not confirmed: no proper answer from the server.", "Tap again. It is carried out once, however often you tap.");
    lead();
  });
  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    if (!ctx || ctx.request.method === "GET") return;
    say("Not confirmed: no answer from the server.", "Tap again. It is carried out once, however often you tap.");
    lead();
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.request?.method === "POST") lead();
  });
  // A new attempt starts clean, so that an old message is never taken for the answer to it.
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (ctx.request.method === "GET") return;
    area.replaceChildren();
    for (const field of document.querySelectorAll("#main [aria-invalid]")) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
  });
}
