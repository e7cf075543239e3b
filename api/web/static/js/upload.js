// Send a file as it is, show how much of it has gone, and say what the server makes of it.

const form = document.getElementById("upload");
const area = document.getElementById("notice");
const meter = form.querySelector("progress");
const button = form.querySelector("button");

function say(words, remedy, mood) {
  const box = document.createElement("div");
  box.className = "notice";
  box.dataset.mood = mood;
  for (const [name, text] of [["said", words], ["remedy", remedy]]) {
    if (!text) continue;
    const line = document.createElement("p");
    line.className = name;
    line.textContent = text;
    box.append(line);
  }
  area.replaceChildren(box);
}

function answered(status, text) {
  let answer = null;
  try {
    answer = JSON.parse(text);
  } catch {
    return say("Not confirmed: no proper answer from the server.", "Send it again; a file is imported once.", "bad");
  }
  if (answer.error) return say(answer.error.message, answer.error.remedy, "bad");
  if (status === 200) return say("This very file was imported before. Nothing was changed.", "Tick the box to import it anew.", "mind");
  say("Received. A worker imports it now.", "", "good");
  form.elements.file.value = "";
  document.dispatchEvent(new Event("refresh"));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const file = form.elements.file.files[0];
  const query = new URLSearchParams(new FormData(form));
  query.delete("file");
  query.set("file_name", file.name);
  const request = new XMLHttpRequest();
  request.open("POST", `${form.getAttribute("action")}?${query}`);
  request.setRequestHeader("X-CSRF-Token", form.dataset.csrf);
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    meter.value = (100 * loaded) / total;
  });
  request.addEventListener("load", () => answered(request.status, request.responseText));
  request.addEventListener("error", () => {
    say("Not confirmed: no answer from the server.", "Send it again; a file is imported once.", "bad");
  });
  request.addEventListener("loadend", () => {
    meter.hidden = true;
    button.disabled = false;
  });
  area.replaceChildren();
  meter.value = 0;
  meter.hidden = false;
  button.disabled = true;
  request.send(file);
});
