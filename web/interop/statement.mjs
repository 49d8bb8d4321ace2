// What members say to each other over their signature, docs/protocol.md §7, and the evidence of §8.

import { decodeAll, encode, equal, Malformed } from './codec.mjs';
import { hash, verify } from './keys.mjs';

const STATEMENT_MAX_BYTES = 64 * 1024;
export const EVIDENCE_MAX_BYTES = 256 * 1024;
export const KINDS = [null, 'open', 'close', 'adjourn'];
const TYPES = [null, 'motion', 'consent', 'fin', 'heartbeat', 'goodbye'];

const writePlace = (to, p) => to.fixed(32, p.meeting).u32(p.founding).fixed(16, p.group).u64(p.epoch).u32(p.part);
const readPlace = (from) => ({
  meeting: from.fixed(32), founding: from.u32(), group: from.fixed(16), epoch: from.u64(), part: from.u32(),
});
export const samePlace = (a, b) => equal(encode(writePlace, a), encode(writePlace, b));
export const chainStart = (place) => hash('said', encode(writePlace, place));
export const chainNext = (chain, bytes) => hash('said', chain, bytes);

const FORMS = {
  motion: {
    write(to, m) { writePlace(to, m.place); to.u8(KINDS.indexOf(m.kind)).u32(m.item).u64(m.movedAtMs); },
    read(from) {
      const place = readPlace(from);
      const kind = KINDS[from.u8()];
      if (!kind) throw new Malformed('kind of a motion');
      return { place, kind, item: from.u32(), movedAtMs: from.u64() };
    },
  },
  consent: { write: (to, c) => to.fixed(32, c.motion), read: (from) => ({ motion: from.fixed(32) }) },
  fin: {
    write: (to, f) => to.fixed(32, f.motion).list(f.counts, (w, entry) => w.u64(entry.kid).u64(entry.count)),
    read: (from) => ({ motion: from.fixed(32), counts: from.list((r) => ({ kid: r.u64(), count: r.u64() })) }),
  },
  heartbeat: {
    write(to, h) {
      writePlace(to, h.place);
      to.u32(h.beat).u64(h.atMs).fixed(32, h.authenticator).fixed(32, h.roster).u32(h.said).fixed(32, h.chain);
    },
    read: (from) => ({
      place: readPlace(from), beat: from.u32(), atMs: from.u64(), authenticator: from.fixed(32),
      roster: from.fixed(32), said: from.u32(), chain: from.fixed(32),
    }),
  },
  goodbye: { write: (to, g) => writePlace(to, g.place), read: (from) => ({ place: readPlace(from) }) },
};

function writeBody(to, body) {
  to.u8(TYPES.indexOf(body.type));
  FORMS[body.type].write(to, body);
}
function readBody(from) {
  const type = TYPES[from.u8()];
  if (!type) throw new Malformed('type of a statement');
  return { type, ...FORMS[type].read(from) };
}

export const motionIdOf = (motion) => hash('motion', encode(FORMS.motion.write, motion));

/** Signs a body: gives the encoded `Statement`. */
export function say(letterId, letterKey, body) {
  const said = encode(writeBody, body);
  return Buffer.concat([letterId, said, letterKey.sign('statement', letterId, said)]);
}

/** Signs the keys of an open part, as `disclose` lists them (§11). */
export function signDisclosure(letterId, letterKey, place, keys) {
  const disclosed = encode((to) => {
    to.fixed(32, letterId);
    writePlace(to, place);
    to.list(keys, (w, key) => w.u64(BigInt(`0x${key.kid}`)).fixed(16, Buffer.from(key.enc_key, 'base64url'))
      .fixed(12, Buffer.from(key.salt, 'base64url')));
  });
  return letterKey.sign('disclosure', disclosed);
}

const readStatement = (from) => ({ signer: from.fixed(32), body: readBody(from), signature: from.fixed(64) });
export function openStatement(bytes) {
  if (bytes.length > STATEMENT_MAX_BYTES) throw new Malformed('statement too long');
  return { ...decodeAll(bytes, readStatement), bytes: Buffer.from(bytes) };
}
const encodeStatement = (s) => encode((to) => { to.fixed(32, s.signer); writeBody(to, s.body); to.fixed(64, s.signature); });

export function signatureHolds(statement, letterKey) {
  return verify(letterKey, 'statement', statement.signature, statement.signer, encode(writeBody, statement.body));
}

/** Evidence from encoded statements. */
export function encodeEvidence({ motion, consents = [], fins = [] }) {
  return encode((to) => to.raw(motion)
    .list(consents, (w, bytes) => w.raw(bytes))
    .list(fins, (w, bytes) => w.raw(bytes)));
}
export function openEvidence(bytes) {
  if (bytes.length > EVIDENCE_MAX_BYTES) throw new Malformed('evidence too long');
  const evidence = decodeAll(bytes, (from) => ({
    motion: readStatement(from), consents: from.list(readStatement), fins: from.list(readStatement),
  }));
  if (evidence.motion.body.type !== 'motion'
    || evidence.consents.some((s) => s.body.type !== 'consent')
    || evidence.fins.some((s) => s.body.type !== 'fin')) throw new Malformed('a statement of the wrong kind in evidence');
  evidence.motion.bytes = encodeStatement(evidence.motion);
  return evidence;
}
export const warrantOf = (evidenceBytes) => hash('warrant', evidenceBytes);
