// Sign with finger, pen or mouse. What is sent are the points of each stroke and nothing else.

const MOST = 7_800; // characters; the server takes 8000

function begin() {
  const box = document.querySelector("[data-sign]");
  if (!box || box.dataset.begun) return;
  box.dataset.begun = "yes";
  const canvas = box.querySelector("canvas");
  const field = box.querySelector("[name=signature]");
  const pen = canvas.getContext("2d");
  let strokes = [];
  let stroke = null;

  const point = ({ clientX, clientY }) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
    return [within(((clientX - left) / width) * 1000, 1000), within(((clientY - top) / height) * 400, 400)];
  };
  const write = () => {
    field.value = strokes.map((one) => one.map((at) => at.join(",")).join(" ")).join(";");
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (field.value.length > MOST) return;
    canvas.setPointerCapture(event.pointerId);
    stroke = [point(event)];
    strokes.push(stroke);
    pen.lineWidth = 6;
    pen.lineCap = "round";
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.beginPath();
    pen.moveTo(...stroke[0]);
    write();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke || field.value.length > MOST) return;
    const [x, y] = point(event);
    const [lastX, lastY] = stroke.at(-1);
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 8) return; // what nobody sees is not kept
    stroke.push([x, y]);
    pen.lineTo(x, y);
    pen.stroke();
    write();
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (stroke = null));
  box.querySelector("[data-clear]").addEventListener("click", () => {
    strokes = [];
    stroke = null;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    write();
  });
}

document.addEventListener("htmx:after:swap", begin);
begin();
