// How a member judges what others did: docs/protocol.md §7 and §8, and what a joiner checks.

import { equal } from './codec.mjs';
import { capabilitiesHold, encodeContext, groupIdOf, lifetimeHolds, openKeyPackage, readExtensions, ZEROS } from './group.mjs';
import { must, openCredential } from './credential.mjs';
import { hash } from './keys.mjs';
import { motionIdOf, openEvidence, signatureHolds, warrantOf } from './statement.mjs';
import { readKid } from './sframe.mjs';

const MEMBERS_MAX = 1000;
const CLOCK_SKEW_MS = 300_000;
const MOTION_SEEN_MS = 70_000;
const MOTION_DATED_MS = 370_000;

/** One row of the roster from a leaf: §5, 1 to 7, and that the leaf signs with the bound device. */
export function memberOf(charter, leaf, node) {
  must(capabilitiesHold(node), 'handshake', 'capabilities of a leaf');
  const credential = openCredential(charter, Buffer.from(node.credential.identity));
  must(equal(credential.deviceKey, node.signaturePublicKey), 'credential', 'another device');
  const { letter, claim, letterId, deviceKey, admission } = credential;
  return {
    leaf, letterId, deviceKey, name: letter.name, role: letter.role, delegation: letter.delegation, entry: letter.entry,
    letterKey: letter.letterKey, delegationKey: claim.delegationKey, notAfterMs: letter.notAfterMs,
    admittedAtMs: admission?.act.atMs ?? null,
  };
}

/** The roster of a group, in the order of the leaves; no letter is there twice. */
export function rosterOf(charter, group) {
  const roster = group.leaves().map(({ leaf, node }) => memberOf(charter, leaf, node));
  const letters = new Set(roster.map((member) => member.letterId.toString('hex')));
  must(letters.size === roster.length, 'letter_in_use', 'a letter is in the group twice');
  return roster;
}

const u32 = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; };
export const rosterHash = (roster) => hash('roster', ...roster.flatMap((m) => [u32(m.leaf), m.letterId, m.deviceKey]));

/** §5, 8 to 12: may somebody enter? `known`: what this member knows of claims, devices and revocations. */
export function mayEnter(known, newcomer, nowMs) {
  const key = known.claims.get(newcomer.delegation);
  must(!key || equal(key, newcomer.delegationKey), 'slot_taken', 'another key is known for the delegation');
  const id = newcomer.letterId.toString('hex');
  must(!known.revoked.has(id), 'letter_revoked', 'revoked');
  const bound = known.devices.get(id);
  if (!bound) must(newcomer.entry === 1 || newcomer.admittedAtMs !== null, 'not_allowed', 'has to be let in');
  else if (!equal(bound.deviceKey, newcomer.deviceKey)) {
    const later = newcomer.admittedAtMs !== null && (bound.atMs === null || newcomer.admittedAtMs > bound.atMs);
    must(later, 'letter_in_use', 'another device has the letter');
  }
  must(BigInt(nowMs) <= newcomer.notAfterMs, 'letter_expired', 'the letter is over');
}

const chairless = (rule) => rule.chair === null;
const principals = (roster, delegation) => roster.filter((m) => m.role === 'principal' && (delegation === undefined || m.delegation === delegation));

/** §7: does a motion hold in this place? The clock is asked only of one that is fresh. */
export function motionHolds({ charter, context, roster, place }, statement, samePlace) {
  const { body } = statement;
  const signer = roster.find((m) => equal(m.letterId, statement.signer));
  must(signer && signatureHolds(statement, signer.letterKey), 'handshake', 'signature of the motion');
  must(samePlace(body.place, place), 'stale_epoch', 'a motion of elsewhere');
  must(signer.role === 'principal', 'not_allowed', 'not a principal');
  const rule = body.kind === 'open' ? charter.opening : charter.closing;
  if (!chairless(rule)) {
    const chairIsHere = principals(roster, rule.chair).length > 0;
    const anybodyCloses = body.kind === 'close' && !chairIsHere;
    must(signer.delegation === rule.chair || anybodyCloses, 'not_allowed', 'not of the chair');
  }
  must(body.item < charter.agenda.length, 'not_allowed', 'no such item');
  const inPublic = body.kind === 'close' || (body.kind === 'adjourn' && charter.reports);
  must(context.phase === (inPublic ? 'open' : 'closed'), 'not_allowed', 'not in this phase');
  return signer;
}
export const motionIsFresh = (body, nowMs) => body.kind === 'close' || Math.abs(Number(body.movedAtMs) - nowMs) <= CLOCK_SKEW_MS;

export function finHolds({ roster, context, epoch }, statement, motionId) {
  const signer = roster.find((m) => equal(m.letterId, statement.signer));
  must(signer && signatureHolds(statement, signer.letterKey), 'handshake', 'signature of a fin');
  must(equal(statement.body.motion, motionId), 'handshake', 'a fin to another motion');
  for (const { kid } of statement.body.counts) {
    const named = readKid(kid);
    must(named.founding === context.founding && named.epoch === epoch && named.slice === 0 && named.leaf === signer.leaf && named.open,
      'handshake', 'a fin about another’s frames');
  }
  return signer;
}

export function consentHolds({ roster }, statement, motionId) {
  const signer = roster.find((m) => equal(m.letterId, statement.signer));
  must(signer && signatureHolds(statement, signer.letterKey), 'handshake', 'signature of a consent');
  must(equal(statement.body.motion, motionId), 'handshake', 'a consent to another motion');
  must(signer.role === 'principal', 'not_allowed', 'consent of one who is no principal');
  return signer;
}

/** It ends an open part: a close, or an adjournment in public (§9, duties). */
export const shuts = (context, { kind }) => kind === 'close' || (kind === 'adjourn' && context.phase === 'open');

/** The context that a motion leads to. */
export function contextAfter(context, motion, evidenceBytes) {
  if (motion.kind === 'adjourn') return { ...context, phase: 'adjourned' };
  const phase = motion.kind === 'open' ? 'open' : 'closed';
  return { ...context, phase, part: context.part + 1, item: motion.item, warrant: phase === 'open' ? warrantOf(evidenceBytes) : ZEROS };
}

function evidenceHolds(facts, staged, next, removed) {
  const evidence = openEvidence(staged.evidence);
  const { charter, context, roster, samePlace, motionSeenAtMs, nowMs } = facts;
  const mover = motionHolds(facts, evidence.motion, samePlace);
  const motion = evidence.motion.body;
  const id = motionIdOf(motion);
  must(equal(encodeContext(next), encodeContext(contextAfter(context, motion, staged.evidence))), 'handshake', 'not the context that follows');
  const consenting = evidence.consents.map((consent) => consentHolds(facts, consent, id).delegation);
  const fins = new Map(evidence.fins.map((fin) => [finHolds(facts, fin, id).leaf, fin.body]));
  if (motion.kind === 'open') {
    must(removed.length === 0 && evidence.fins.length === 0, 'handshake', 'an opening that removes');
    const seen = motionSeenAtMs(id);
    const age = seen === null ? nowMs - Number(motion.movedAtMs) : nowMs - seen;
    must(age <= (seen === null ? MOTION_DATED_MS : MOTION_SEEN_MS), 'handshake', 'the motion is too old');
    if (chairless(charter.opening)) {
      const have = new Set([mover.delegation, ...consenting]);
      must(roster.every((m) => have.has(m.delegation)), 'handshake', 'the consent of a delegation is missing');
    }
  } else if (shuts(context, motion)) {
    const without = roster.filter((m) => !fins.has(m.leaf)).map((m) => m.leaf);
    must(without.length === removed.length && without.every((leaf) => removed.includes(leaf)), 'handshake', 'removes others than those without fin');
  } else {
    must(removed.length === 0, 'handshake', 'an adjournment that removes');
  }
  return { motion, fins };
}

/** §8: judges a staged commit by what this member knows. Gives what changes. */
export function judgeCommit(facts, staged) {
  const { charter, context, epoch, roster, known, closeCalled, mayRemove, nowMs } = facts;
  const { proposals, next } = staged;
  must(context.phase !== 'adjourned', 'adjourned', 'the meeting is over');
  const sender = roster.find((m) => m.leaf === staged.sender);
  must(sender, 'not_a_member', 'the sender');
  if (staged.path) {
    must(capabilitiesHold(staged.path), 'handshake', 'capabilities of the path');
    const renewed = memberOf(charter, sender.leaf, staged.path);
    must(equal(renewed.letterId, sender.letterId) && equal(renewed.deviceKey, sender.deviceKey)
      && renewed.admittedAtMs === sender.admittedAtMs, 'handshake', 'a path that changes who somebody is');
  }
  const of = (type) => proposals.filter((p) => p.proposalType === type);
  const allowed = [...of('add'), ...of('remove'), ...of('group_context_extensions'), ...of('psk').filter(staged.isSecret)];
  must(allowed.length === proposals.length && of('psk').length <= 1, 'handshake', 'a proposal of another kind');
  const extensions = of('group_context_extensions')[0]?.groupContextExtensions.extensions;
  const nextContext = extensions ? readExtensions(extensions) : context;
  const changes = !equal(encodeContext(nextContext), encodeContext(context));
  must(!closeCalled || changes, 'handshake', 'a close was called');
  if (epoch === 0n) must(staged.carriesSecret, 'handshake', 'the first commit without the meeting secret');
  const removed = of('remove').map((p) => p.remove.removed);
  must(!removed.includes(sender.leaf) && removed.every((leaf) => roster.some((m) => m.leaf === leaf)), 'handshake', 'a removal');
  const newcomers = of('add').map(({ add }) => {
    must(lifetimeHolds(add.keyPackage.leafNode, nowMs), 'handshake', 'lifetime of a key package');
    return memberOf(charter, null, add.keyPackage.leafNode);
  });
  if (newcomers.length > 0) must(staged.carriesSecret, 'handshake', 'an Add without the meeting secret');
  for (const newcomer of newcomers) mayEnter(known, newcomer, nowMs);
  const staying = roster.filter((m) => !removed.includes(m.leaf));
  const letters = [...staying, ...newcomers].map((m) => m.letterId.toString('hex'));
  must(new Set(letters).size === letters.length, 'letter_in_use', 'a letter would be in the group twice');
  must(letters.length <= MEMBERS_MAX, 'too_large', 'too many members');
  let outcome = { motion: null, fins: null };
  if (changes) {
    must(newcomers.length === 0, 'handshake', 'a change of phase that adds');
    outcome = evidenceHolds(facts, staged, nextContext, removed);
  } else {
    must(staged.evidence.length === 0, 'handshake', 'evidence without a change');
    const again = (m) => newcomers.some((n) => equal(n.letterId, m.letterId));
    for (const leaf of removed) {
      const member = roster.find((m) => m.leaf === leaf);
      must(again(member) || mayRemove(member), 'handshake', 'a removal of one who is here');
    }
  }
  // The tree that came of it must be the roster that was judged.
  const expected = new Map(staying.map((m) => [m.leaf, m]));
  for (const newcomer of newcomers) {
    let leaf = 0;
    while (expected.has(leaf)) leaf += 1;
    expected.set(leaf, { ...newcomer, leaf });
  }
  const nextRoster = [...expected.values()].sort((a, b) => a.leaf - b.leaf);
  if (next) must(equal(rosterHash(rosterOf(charter, next)), rosterHash(nextRoster)), 'handshake', 'the tree is not the roster');
  return { ...outcome, context: nextContext, roster: nextRoster, newcomers, removed };
}

/** §8, what a joiner checks of the group that a Welcome brings. */
export function judgeWelcome(charter, group, warrantBytes) {
  const { context } = group;
  must(equal(context.meeting, charter.id), 'handshake', 'another meeting');
  must(equal(group.groupId, groupIdOf(context.meeting, context.founding)), 'handshake', 'another founding');
  must(context.phase !== 'adjourned', 'adjourned', 'the meeting is over');
  const roster = rosterOf(charter, group);
  if (context.phase === 'open') {
    must(warrantBytes && equal(warrantOf(warrantBytes), context.warrant), 'handshake', 'the warrant');
    const evidence = openEvidence(warrantBytes);
    const { place, kind } = evidence.motion.body;
    const id = motionIdOf(evidence.motion.body);
    must(kind === 'open' && equal(place.meeting, context.meeting) && place.founding === context.founding
      && place.part === context.part - 1, 'handshake', 'the motion of the warrant');
    for (const statement of [evidence.motion, ...evidence.consents]) {
      if (statement.body.type === 'consent') must(equal(statement.body.motion, id), 'handshake', 'a consent to another motion');
      const signer = roster.find((m) => equal(m.letterId, statement.signer));
      if (signer) must(signatureHolds(statement, signer.letterKey), 'handshake', 'a signature in the warrant');
    }
  }
  return roster;
}

export { openKeyPackage };
