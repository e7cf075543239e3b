// Read codes with the camera: by the browser's own detector where it has one, else by ours, which
// is WebAssembly and loaded only now. Loaded by scan.js when somebody taps the camera button.

import { blocked } from "./block.js";

const OURS = "/static/vendor/zxing-wasm-3.1.6";
const NATIVE = ["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf", "qr_code", "data_matrix"];
const BY_OURS = ["EAN13", "EAN8", "UPCA", "UPCE", "Code128", "Code39", "ITF", "QRCode", "DataMatrix"];
const LOOK_MS = 120;
const SAME_MS = 2_000; // one code held before the camera is one scan

let panel = null;

async function native() {
  if (!("BarcodeDetector" in window)) return null;
  const can = await BarcodeDetector.getSupportedFormats();
  if (!["ean_13", "code_128", "qr_code"].every((one) => can.includes(one))) return null;
  const detector = new BarcodeDetector({ formats: NATIVE.filter((one) => can.includes(one)) });
  return async (video) => (await detector.detect(video))[0]?.rawValue;
}

async function ours() {
  const reader = await import(`${OURS}/es/reader/index.js`);
  await reader.prepareZXingModule({
    overrides: { locateFile: () => `${OURS}/zxing_reader.wasm` }, fireImmediately: true,
  });
  const canvas = document.createElement("canvas");
  const drawn = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    drawn.drawImage(video, 0, 0);
    const pixels = drawn.getImageData(0, 0, canvas.width, canvas.height);
    const found = await reader.readBarcodes(pixels, { formats: BY_OURS, maxNumberOfSymbols: 1 });
    return found[0]?.text;
  };
}

function made() {
  const box = document.createElement("section");
  box.className = "camera";
  box.setAttribute("aria-label", "Camera");
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  said.textContent = "Starting the camera …";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "plain";
  close.textContent = "Close the camera";
  close.addEventListener("click", shut);
  box.append(video, said, close);
  document.body.append(box);
  return { box, video, said };
}

function shut() {
  for (const track of panel?.video.srcObject?.getTracks() ?? []) track.stop();
  panel?.box.remove();
  panel = null;
  document.getElementById("camera")?.focus();
}

async function watch(mine, read, take) {
  let last = "", at = 0;
  while (panel === mine) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    if (mine.video.readyState < 2 || blocked() || document.hidden) continue;
    const code = await read(mine.video);
    if (!code || panel !== mine) continue;
    const plain = code.replace(/^0+/, ""); // a UPC is read with and without its leading zero
    if (plain === last && Date.now() - at < SAME_MS) {
      at = Date.now(); // still the same one, held there
      continue;
    }
    [last, at] = [plain, Date.now()];
    mine.said.textContent = `Read: ${code}`;
    take(code);
  }
}

/** Open the camera, or close it; each code that is read is given to `take`. */
export async function toggle(take) {
  if (panel) return shut();
  const mine = panel = made();
  try {
    mine.video.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1280 } },
    });
    await mine.video.play();
    const read = (await native()) ?? (await ours());
    mine.said.textContent = "Hold a barcode or a QR code before the camera.";
    await watch(mine, read, take);
  } catch (error) {
    if (panel === mine) mine.said.textContent = `The camera cannot be used: ${error.message}. Type the code instead.`;
  }
}
