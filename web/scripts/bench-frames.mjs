// What sealing and opening a frame costs in the browser's WebAssembly, under Node, in a closed part of two, through the very
// calls of the worker. The sizes are those of Opus at 32 kbit/s and of VP8 in 1280 by 720 at 1.7 Mbit/s and 30 pictures a
// second: a picture, and a key frame.
//
//   node scripts/bench-frames.mjs [--frames 3000] [--json]
import { parseArgs } from "node:util";
import { hundredth, seat } from "./bench-table.mjs";

const FRAMES_MAX = 100_000;
const [MICROPHONE, CAMERA] = [0, 1];
const [AUDIO, VIDEO] = [0, 1];
const SIZES = [
  { what: "sound", stream: MICROPHONE, kind: AUDIO, bytes: 80 },
  { what: "picture 720p", stream: CAMERA, kind: VIDEO, bytes: 7_083 },
  { what: "key frame 720p", stream: CAMERA, kind: VIDEO, bytes: 45_000 },
];

const { values } = parseArgs({
  options: { frames: { type: "string", default: "3000" }, json: { type: "boolean", default: false } },
});
const frames = Number(values.frames);
if (!Number.isInteger(frames) || frames < 10 || frames > FRAMES_MAX) {
  throw new Error(`--frames: from 10 to ${FRAMES_MAX} can be measured`);
}

/** The two, each having heard the other in this epoch. */
function talking() {
  const { founder, onlooker, words } = seat(2, 2);
  const hear = (device, said) => {
    for (const { type, statement } of said) {
      if (type === "statement") device.take({ type, number: null, statement });
    }
  };
  hear(onlooker, words.founder);
  hear(founder, words.onlooker);
  return [founder.member, onlooker.member];
}

const [sender, receiver] = talking();
/** Nearest rank. */
const quantile = (sorted, of) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * of) - 1)];

const measured = SIZES.map(({ what, stream, kind, bytes }) => {
  const [sealing, opening] = [[], []];
  const plain = crypto.getRandomValues(new Uint8Array(bytes));
  for (let frame = 0; frame < frames; frame += 1) {
    let began = performance.now();
    const sealed = sender.seal(stream, plain);
    sealing.push(performance.now() - began);
    if (sealed === undefined) throw new Error("a frame was not sealed");
    began = performance.now();
    const opened = receiver.open(kind, sealed);
    const data = opened?.frame();
    opening.push(performance.now() - began);
    if (data?.length !== bytes) throw new Error("a frame was not opened");
    opened.free();
  }
  const figures = { what, bytes, frames };
  for (const [name, costs] of [["seal", sealing], ["open", opening]]) {
    const sorted = costs.toSorted((one, other) => one - other);
    figures[`${name}_ms_p50`] = hundredth(quantile(sorted, 0.5));
    figures[`${name}_ms_p95`] = hundredth(quantile(sorted, 0.95));
  }
  if (values.json) console.log(JSON.stringify(figures));
  return figures;
});
if (!values.json) console.table(measured);
