// Who somebody is: slot key → delegation key → letter key → device key. docs/protocol.md §5, and the links of §4.

import { decodeAll, encode, equal, isName, Malformed, toBase64url, fromBase64url } from './codec.mjs';
import { hash, KeyPair, verify } from './keys.mjs';

const CREDENTIAL_MAX_BYTES = 2048;
const BEYOND_CHARTER_MAX_MS = 400n * 86_400_000n;
const OWN_LETTER_MS = 30n * 86_400_000n;
export const ROLES = [null, 'principal', 'adviser', 'interpreter', 'secretary'];

const writeClaim = (to, claim) => to.fixed(32, claim.meeting).u16(claim.delegation).fixed(32, claim.delegationKey);
const readClaim = (from) => ({ meeting: from.fixed(32), delegation: from.u16(), delegationKey: from.fixed(32) });

function writeLetter(to, letter) {
  to.fixed(32, letter.meeting).u16(letter.delegation).text(letter.name);
  to.u8(ROLES.indexOf(letter.role)).u8(letter.entry).fixed(32, letter.letterKey).u64(letter.notAfterMs);
}
function readLetter(from) {
  const letter = { meeting: from.fixed(32), delegation: from.u16(), name: from.text() };
  letter.role = ROLES[from.u8()];
  letter.entry = from.u8();
  if (!letter.role || letter.entry < 1 || letter.entry > 2) throw new Malformed('role or entry');
  letter.letterKey = from.fixed(32);
  letter.notAfterMs = from.u64();
  return letter;
}

const writeBinding = (to, binding) => to.fixed(32, binding.letter).fixed(32, binding.deviceKey);
const readBinding = (from) => ({ letter: from.fixed(32), deviceKey: from.fixed(32) });

function writeAct(to, act) {
  to.fixed(32, act.meeting).u16(act.delegation).u64(act.atMs).u8(act.deed).fixed(32, act.letter);
  if (act.deed === 1) to.fixed(32, act.deviceKey);
}
function readAct(from) {
  const act = { meeting: from.fixed(32), delegation: from.u16(), atMs: from.u64(), deed: from.u8(), letter: from.fixed(32) };
  if (act.deed === 1) act.deviceKey = from.fixed(32);
  else if (act.deed !== 2) throw new Malformed('no such deed');
  return act;
}
const writeSignedAct = (to, { act, signature }) => { writeAct(to, act); to.fixed(64, signature); };
const readSignedAct = (from) => ({ act: readAct(from), signature: from.fixed(64) });
export const decodeSignedAct = (bytes) => decodeAll(bytes, readSignedAct);
export const decodeSignedClaim = (bytes) => decodeAll(bytes, (from) => ({ claim: readClaim(from), bySlotKey: from.fixed(64) }));

export const letterIdOf = (letter) => hash('letter', encode(writeLetter, letter));

function write(to, credential) {
  writeClaim(to, credential.claim);
  to.fixed(64, credential.bySlotKey);
  writeLetter(to, credential.letter);
  to.fixed(64, credential.byDelegationKey);
  writeBinding(to, credential.binding);
  to.fixed(64, credential.byLetterKey);
  if (credential.admission) writeSignedAct(to.u8(1), credential.admission);
  else to.u8(0);
}
function read(from) {
  const credential = { claim: readClaim(from), bySlotKey: from.fixed(64) };
  credential.letter = readLetter(from);
  credential.byDelegationKey = from.fixed(64);
  credential.binding = readBinding(from);
  credential.byLetterKey = from.fixed(64);
  const present = from.u8();
  if (present > 1) throw new Malformed('optional');
  credential.admission = present === 1 ? readSignedAct(from) : null;
  return credential;
}
export const encodeCredential = (credential) => encode(write, credential);

/** Refused, with the code of §13. */
export class Refused extends Error {
  constructor(code, why) { super(`${code}: ${why}`); this.code = code; }
}
export function must(condition, code, why) { if (!condition) throw new Refused(code, why); }

export function claimHolds(charter, { claim, bySlotKey }) {
  const slot = charter.delegations[claim.delegation];
  return equal(claim.meeting, charter.id) && slot !== undefined
    && verify(slot.key, 'claim', bySlotKey, encode(writeClaim, claim));
}

export function actHolds(charter, { act, signature }, delegation, delegationKey) {
  return equal(act.meeting, charter.id) && act.delegation === delegation
    && verify(delegationKey, 'act', signature, encode(writeAct, act));
}

/** §5, 1 to 7: decodes a credential, and gives it with its `letterId` and `deviceKey`, if it holds. */
export function openCredential(charter, bytes) {
  must(bytes.length <= CREDENTIAL_MAX_BYTES, 'credential', 'too long');
  const credential = decodeAll(bytes, read);
  const { claim, letter, binding, admission } = credential;
  const letterId = letterIdOf(letter);
  must(claimHolds(charter, credential), 'credential', 'the claim');
  must(equal(letter.meeting, charter.id) && letter.delegation === claim.delegation, 'credential', 'a letter of elsewhere');
  must(verify(claim.delegationKey, 'letter', credential.byDelegationKey, encode(writeLetter, letter)), 'credential', 'the letter');
  must(equal(binding.letter, letterId), 'credential', 'a binding of another letter');
  must(verify(letter.letterKey, 'binding', credential.byLetterKey, encode(writeBinding, binding)), 'credential', 'the binding');
  must(letter.notAfterMs <= charter.convenedAtMs + BEYOND_CHARTER_MAX_MS, 'credential', 'the letter runs too long');
  must(isName(letter.name), 'credential', 'the name');
  if (admission) {
    const { act } = admission;
    must(act.deed === 1 && equal(act.letter, letterId) && equal(act.deviceKey, binding.deviceKey)
      && actHolds(charter, admission, claim.delegation, claim.delegationKey), 'credential', 'the admission');
  }
  return { ...credential, letterId, deviceKey: binding.deviceKey };
}

/** §4, kind 1: what the convener gives a delegation. */
export function delegationFragment({ delegation, slotSeed, meetingSecret }) {
  return toBase64url(encode((to) => to.u8(1).u8(1).u16(delegation).fixed(32, slotSeed).fixed(32, meetingSecret)));
}

/** §4: the fragment of a link into the room, of kind 1 or 2. */
export function openFragment(charter, fragment) {
  return decodeAll(fromBase64url(fragment), (from) => {
    const version = from.u8();
    const kind = from.u8();
    if (version !== (kind === 2 ? 2 : 1)) throw new Malformed('version of the link');
    if (kind === 1) return delegationLink(charter, from);
    if (kind === 2) return letterLink(charter, from);
    throw new Malformed('this link does not open the room');
  });
}

function delegationLink(charter, from) {
  const delegation = from.u16();
  const slot = new KeyPair(from.fixed(32));
  const meetingSecret = from.fixed(32);
  const expected = charter.delegations[delegation];
  if (!expected || !equal(expected.key, slot.public)) throw new Malformed('the link is not of this meeting');
  return { kind: 1, delegation, slot, meetingSecret };
}

function letterLink(charter, from) {
  const link = { kind: 2, claim: readClaim(from), bySlotKey: from.fixed(64), letter: readLetter(from) };
  link.byDelegationKey = from.fixed(64);
  link.letterKey = new KeyPair(from.fixed(32));
  link.meetingSecret = from.fixed(32);
  link.delegationSecret = from.fixed(32);
  if (!equal(link.letterKey.public, link.letter.letterKey)) throw new Malformed('the seed is not the letter’s');
  if (!equal(link.claim.meeting, charter.id)) throw new Malformed('the link is not of this meeting');
  return link;
}

/** Claims a delegation's slot with its link: the delegation key, the first letter (a principal's) and its seed. */
export function claimSlot(charter, link, name, nowMs) {
  const delegationKey = KeyPair.fresh();
  const letterKey = KeyPair.fresh();
  const claim = { meeting: charter.id, delegation: link.delegation, delegationKey: delegationKey.public };
  const until = BigInt(nowMs) + OWN_LETTER_MS;
  const bound = charter.convenedAtMs + BEYOND_CHARTER_MAX_MS;
  const letter = {
    meeting: charter.id, delegation: link.delegation, name, role: 'principal', entry: 1,
    letterKey: letterKey.public, notAfterMs: until < bound ? until : bound,
  };
  return {
    claim, bySlotKey: link.slot.sign('claim', encode(writeClaim, claim)),
    letter, byDelegationKey: delegationKey.sign('letter', encode(writeLetter, letter)),
    letterKey, delegationKey, meetingSecret: link.meetingSecret,
  };
}

/** Binds a device to a letter: the credential that it goes in with. */
export function bindDevice(letterOfCredence, device) {
  const { claim, bySlotKey, letter, byDelegationKey, letterKey } = letterOfCredence;
  const binding = { letter: letterIdOf(letter), deviceKey: device.public };
  const byLetterKey = letterKey.sign('binding', encode(writeBinding, binding));
  return { claim, bySlotKey, letter, byDelegationKey, binding, byLetterKey, admission: null };
}
