// The charter of a meeting, docs/protocol.md §3.

import { decodeAll, encode, equal, isName, Malformed } from './codec.mjs';
import { hash, verify } from './keys.mjs';

const REPORTS = 1;
const PAUSES = 2;
const SUITE = 0x0003;
const CHARTER_MAX_BYTES = 128 * 1024;

const writeSlot = (to, slot) => to.text(slot.name).fixed(32, slot.key);
const readSlot = (from) => ({ name: from.text(), key: from.fixed(32) });

const writeItem = (to, item) => to.text(item.title).u8(item.public ? 1 : 0).text(item.ground);
function readItem(from) {
  const title = from.text();
  const flag = from.u8();
  if (flag > 1) throw new Malformed('public is 0 or 1');
  return { title, public: flag === 1, ground: from.text() };
}

/** A rule is `{chair: null}` (all, or any) or `{chair: <delegation>}`. */
function writeRule(to, rule) {
  if (rule.chair === null) to.u8(1);
  else to.u8(2).u16(rule.chair);
}
function readRule(from) {
  const rule = from.u8();
  if (rule === 1) return { chair: null };
  if (rule === 2) return { chair: from.u16() };
  throw new Malformed('no such rule');
}

function writeVersion(to, { reports, pauses }) {
  const duties = (reports ? REPORTS : 0) + (pauses ? PAUSES : 0);
  if (duties === 0) to.u16(1);
  else to.u16(2).u8(duties);
}
function readVersion(from) {
  const version = from.u16();
  if (version === 1) return { reports: false, pauses: false };
  if (version !== 2) throw new Malformed('version of the charter');
  const duties = from.u8();
  if (duties === 0 || duties > REPORTS + PAUSES) throw new Malformed('duties of the charter');
  return { reports: (duties & REPORTS) !== 0, pauses: (duties & PAUSES) !== 0 };
}

function write(to, charter) {
  writeVersion(to, charter);
  to.u16(SUITE).fixed(16, charter.nonce).u64(charter.convenedAtMs).text(charter.title);
  to.list(charter.languages, (w, tag) => w.text(tag));
  to.list(charter.delegations, writeSlot);
  to.list(charter.agenda, writeItem);
  writeRule(to, charter.opening);
  writeRule(to, charter.closing);
  to.fixed(32, charter.convener);
}

function read(from) {
  const duties = readVersion(from);
  if (from.u16() !== SUITE) throw new Malformed('suite of the charter');
  return {
    ...duties,
    nonce: from.fixed(16),
    convenedAtMs: from.u64(),
    title: from.text(),
    languages: from.list((r) => r.text()),
    delegations: from.list(readSlot),
    agenda: from.list(readItem),
    opening: readRule(from),
    closing: readRule(from),
    convener: from.fixed(32),
  };
}

function check(charter) {
  const count = charter.delegations.length;
  const names = new Set(charter.delegations.map((slot) => slot.name));
  const keys = new Set(charter.delegations.map((slot) => slot.key.toString('hex')));
  const chairs = [charter.opening.chair, charter.closing.chair].filter((chair) => chair !== null);
  const holds =
    charter.title !== '' &&
    charter.languages.length <= 24 &&
    count >= 2 && count <= 250 &&
    charter.agenda.length >= 1 && charter.agenda.length <= 200 &&
    names.size === count && keys.size === count &&
    charter.delegations.every((slot) => isName(slot.name)) &&
    charter.agenda.every((item) => isName(item.title)) &&
    chairs.every((chair) => chair < count);
  if (!holds) throw new Malformed('the charter breaks a rule');
}

/** Founds a meeting: gives `{bytes, id}` of the signed charter. */
export function signCharter(charter, convener) {
  check({ ...charter, convener: convener.public });
  const body = encode(write, { ...charter, convener: convener.public });
  return { bytes: Buffer.concat([body, convener.sign('charter', body)]), id: hash('charter', body) };
}

/** Checks a signed charter whole, against the meeting id that the link names, and gives it. */
export function openCharter(bytes, meetingId) {
  if (bytes.length > CHARTER_MAX_BYTES) throw new Malformed('charter too long');
  const { charter, signature } = decodeAll(bytes, (from) => ({ charter: read(from), signature: from.fixed(64) }));
  check(charter);
  const body = encode(write, charter);
  if (!equal(hash('charter', body), meetingId)) throw new Malformed('the charter is not the one of the link');
  if (!verify(charter.convener, 'charter', signature, body)) throw new Malformed('signature of the charter');
  return { ...charter, id: Buffer.from(meetingId) };
}
