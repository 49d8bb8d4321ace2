// A meeting without surroundings, in the browser's WebAssembly under Node: for what measures it.
import { readFileSync } from "node:fs";
import { convene, Desk, initSync, Member } from "../src/wasm/seal.js";

/** When it is, in milliseconds since 1970. It stands still, as in the native one. */
const NOW_MS = 1_800_000_000_000;
/** As in crates/bench/src/lib.rs: further members are of the same delegations. */
const DELEGATIONS_MAX = 110;
initSync({ module: readFileSync(new URL("../src/wasm/seal_bg.wasm", import.meta.url)) });

/** 32 bytes in base64url. */
const random = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");

/** The meeting, as the public would see it before anybody has come. */
function publicState(meeting, title) {
  return {
    meeting,
    title,
    delegations: [],
    agenda: [],
    phase: "convened",
    part: 0,
    item: null,
    since_ms: NOW_MS,
    convened_at_ms: NOW_MS,
    started_at_ms: null,
    adjourned_at_ms: null,
    parts: [],
    present: [],
    announcements: [],
    published: 0,
    reports: false,
    pauses: false,
    attended: [],
    unheard_since_ms: null,
    from_house: null,
  };
}

/** A meeting with a letter for each of so many people: first each delegation's principal, then advisers. */
function conveneFor(people) {
  const title = "A measurement";
  const delegations = Math.min(people, DELEGATIONS_MAX);
  const draft = {
    title,
    languages: ["en"],
    delegations: Array.from({ length: delegations }, (_, at) => ({ name: `Delegation ${at + 1}` })),
    agenda: [
      { title: "Words of welcome", public: true, ground: "" },
      { title: "Talks", public: false, ground: "Negotiation" },
    ],
  };
  const convened = JSON.parse(convene(JSON.stringify(draft), NOW_MS));
  const state = publicState(convened.meeting, title);
  const desks = convened.delegations.map(({ fragment }) => {
    const desk = new Desk(convened.meeting, convened.charter, fragment, NOW_MS);
    const claims = convened.delegations.map(() => null);
    const seen = { claims, used: [], present: [], waiting: [], revocations: [], notebook: null, readout: null, public: state };
    desk.receive(JSON.stringify({ type: "state", state: seen }));
    return desk;
  });
  for (let person = 0; person < people; person++) {
    const role = person < delegations ? "principal" : "adviser";
    const mint = { type: "mint", name: `Person ${person + 1}`, role, ask: false, not_after_ms: NOW_MS + 86_400_000 };
    desks[person % delegations].command(JSON.stringify(mint), NOW_MS);
  }
  const letters = desks.map((desk) => {
    let view;
    for (let text = desk.poll(); text !== undefined; text = desk.poll()) {
      const action = JSON.parse(text);
      if (action.type === "view") view = action.view;
    }
    desk.free();
    return view.letters.map((letter) => letter.fragment);
  });
  const fragments = Array.from({ length: people }, (_, at) => letters[at % delegations][Math.floor(at / delegations)]);
  return { meeting: convened.meeting, charter: convened.charter, state, fragments };
}

/** A member's device without surroundings, and its clock. */
export class Device {
  /** Up to its knock. */
  constructor(convened) {
    const fragment = convened.fragments.shift();
    this.nowMs = NOW_MS;
    this.member = new Member(convened.meeting, convened.charter, fragment, "", undefined, NOW_MS);
    this.take({ type: "challenge", nonce: random(), instance: random(), charter: convened.charter });
    const said = this.take({ type: "here", ticket: "none", resumed: false, waits: false, state: convened.state });
    this.knock = said.find((message) => message.type === "knock").key_package;
  }

  /** Hands it a message; gives what it says to that, its own statements acknowledged. */
  take(message) {
    return this.takeText(JSON.stringify(message));
  }

  takeText(text) {
    this.member.receive(text, this.nowMs);
    const said = [];
    for (let next = this.member.poll(); next !== undefined; next = this.member.poll()) {
      const action = JSON.parse(next);
      if (action.type === "notice" || action.type === "fatal") throw new Error(action.message);
      if (action.type === "reconnect") throw new Error("messages are missing");
      if (action.type === "view") this.leaf = action.view.members.find((member) => member.me)?.leaf;
      if (action.type !== "send") continue;
      if (action.message.type === "statement") {
        const own = { type: "statement", number: null, statement: action.message.statement };
        this.member.receive(JSON.stringify(own), this.nowMs);
      }
      said.push(action.message);
    }
    return said;
  }
}

export const pleaseAdd = (knock) => ({ type: "knock", key_package: knock, please: true });
export const joined = (welcome) => ({ type: "joined", welcome, warrant: null });

/** The commit as the server passes it on, and the Welcome. */
export function commitOf(said) {
  const made = said.find((message) => message.type === "commit");
  if (made === undefined) throw new Error("no commit was made");
  return { commit: { type: "commit", position: made.position, commit: made.commit }, welcome: made.welcome };
}

/** Brings the founder's commit to both; gives what the founder says next. */
export function spread(table, said) {
  const { commit } = commitOf(said);
  table.onlooker.take(commit);
  return table.founder.take(commit);
}

/** A founder and an onlooker in a group of the wanted size; the others are in the tree and nowhere else. */
export function seat(members, people) {
  const convened = conveneFor(people);
  const founder = new Device(convened);
  founder.take({ type: "found", founding: 1, part: 1, item: 0 });
  const onlooker = new Device(convened);
  const { commit, welcome } = commitOf(founder.take(pleaseAdd(onlooker.knock)));
  /** What each says of the epoch in which they are together. */
  const words = { founder: founder.take(commit), onlooker: onlooker.take(joined(welcome)) };
  const table = { convened, founder, onlooker, words };
  let said = [];
  for (let other = 2; other < members; other++) {
    const arrived = new Device(convened);
    said.push(...founder.take(pleaseAdd(arrived.knock)));
    arrived.member.free();
  }
  while (said.some((message) => message.type === "commit")) said = spread(table, said);
  return table;
}

export const hundredth = (ms) => Math.round(ms * 100) / 100;
