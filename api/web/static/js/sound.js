// Short tones without any file. Browsers play them only after a first tap or key.

let context = null;

const TONES = {
  good: [[880, 0, 0.08]],
  bad: [[220, 0, 0.18], [180, 0.2, 0.25]],
  fresh: [[660, 0, 0.12], [880, 0.14, 0.12], [1175, 0.28, 0.2]],
};

/** Make sound possible; call it from a tap or a key. */
export function wake() {
  context ??= new AudioContext();
  return context.resume();
}

/** Whether a tone would be heard. */
export function awake() {
  return context?.state === "running";
}

/** Play "good", "bad" or "fresh". */
export function play(name) {
  if (!awake()) return;
  for (const [pitch, start, length] of TONES[name]) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = pitch;
    const begin = context.currentTime + start;
    loudness.gain.setValueAtTime(0.25, begin);
    loudness.gain.exponentialRampToValueAtTime(0.001, begin + length);
    tone.connect(loudness).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + length);
  }
}
