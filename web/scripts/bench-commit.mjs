// What a commit costs in the browser's WebAssembly, under Node: the scenario of `incamera bench commit`
// (crates/bench/src/commit.rs), played with the very file that pages load, through the same strings as in the worker.
//
//   node scripts/bench-commit.mjs --members 2,50,110 [--rounds 5] [--json]
import { parseArgs } from "node:util";
import { commitOf, Device, hundredth, joined, pleaseAdd, seat, spread } from "./bench-table.mjs";

/** As in crates/protocol/src/limits.rs: whoever was silent for so long may be removed. */
const ABSENCE_MS_MAX = 60_000;
const MEMBERS_MAX = 1_000;
const ROUNDS_MAX = 100;

const { values } = parseArgs({
  options: {
    members: { type: "string", default: "2,40" },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const sizes = values.members.split(",").map(Number);
const rounds = Number(values.rounds);
if (!sizes.every((size) => Number.isInteger(size) && size >= 2 && size <= MEMBERS_MAX)) {
  throw new Error(`--members: sizes from 2 to ${MEMBERS_MAX} can be measured`);
}
if (!Number.isInteger(rounds) || rounds < 1 || rounds > ROUNDS_MAX) {
  throw new Error(`--rounds: from 1 to ${ROUNDS_MAX} can be measured`);
}

function timed(device, message) {
  const text = JSON.stringify(message);
  const began = performance.now();
  const said = device.takeText(text);
  return [performance.now() - began, said];
}

function addAndRemove(table) {
  const newcomer = new Device(table.convened);
  const [make, said] = timed(table.founder, pleaseAdd(newcomer.knock));
  const { commit, welcome } = commitOf(said);
  table.founder.take(commit);
  const [process] = timed(table.onlooker, commit);
  const [join] = timed(newcomer, joined(welcome));
  // Nobody who is here is removed: it has been silent for long enough.
  table.founder.nowMs += ABSENCE_MS_MAX;
  table.onlooker.nowMs += ABSENCE_MS_MAX;
  spread(table, table.founder.take({ type: "please_remove", leaf: newcomer.leaf }));
  newcomer.member.free();
  const bytes = (text) => Buffer.from(text, "base64url").length;
  return { make, process, join, commitBytes: bytes(commit.commit), welcomeBytes: bytes(welcome) };
}

/** The nearest-rank median. */
function median(costs, of) {
  const sorted = costs.map(of).sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length / 2) - 1];
}

const measured = sizes.map((members) => {
  const table = seat(members, members + rounds);
  const costs = Array.from({ length: rounds }, () => addAndRemove(table));
  const figures = {
    members,
    rounds,
    make_ms: hundredth(median(costs, (cost) => cost.make)),
    commit_bytes: median(costs, (cost) => cost.commitBytes),
    welcome_bytes: median(costs, (cost) => cost.welcomeBytes),
    process_ms: hundredth(median(costs, (cost) => cost.process)),
    join_ms: hundredth(median(costs, (cost) => cost.join)),
  };
  if (values.json) console.log(JSON.stringify(figures));
  return figures;
});
if (!values.json) console.table(measured);
