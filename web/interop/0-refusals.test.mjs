// What an implementation from docs/protocol.md alone refuses, and the vectors of RFC 9605 it meets. No server needed.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { openCharter, signCharter } from './charter.mjs';
import { fromBase64url, Malformed, Reader, Writer } from './codec.mjs';
import { bindDevice, claimSlot, delegationFragment, encodeCredential, openCredential, openFragment } from './credential.mjs';
import { encodeContext, Group, newKeyPackage, ZEROS } from './group.mjs';
import { contextAfter, judgeCommit, rosterOf } from './judge.mjs';
import { KeyPair, verify } from './keys.mjs';
import { deriveKey, sealBytes } from './sframe.mjs';
import { encodeEvidence, motionIdOf, openStatement, samePlace, say } from './statement.mjs';

const NOW_MS = Date.now();

function convened(names = ['Alpha', 'Beta']) {
  const slots = names.map(() => KeyPair.fresh());
  const secret = randomBytes(32);
  const draft = {
    nonce: randomBytes(16), convenedAtMs: BigInt(NOW_MS), title: 'A meeting', languages: [], agenda: [{ title: 'Talks', public: false, ground: '' }],
    delegations: names.map((name, at) => ({ name, key: slots[at].public })), opening: { chair: null }, closing: { chair: null },
  };
  const { bytes, id } = signCharter(draft, KeyPair.fresh());
  const fragments = slots.map((slot, delegation) => delegationFragment({ delegation, slotSeed: slot.seed, meetingSecret: secret }));
  return { bytes, id, fragments, charter: openCharter(bytes, id), secret };
}

function person({ charter, fragments }, delegation, name) {
  const letter = claimSlot(charter, openFragment(charter, fragments[delegation]), name, NOW_MS);
  const device = KeyPair.fresh();
  const identity = encodeCredential(bindDevice(letter, device));
  return { device, identity, letterKey: letter.letterKey, letterId: openCredential(charter, identity).letterId };
}

test('the vectors of RFC 9605 for the two suites', async () => {
  const vectors = JSON.parse(await readFile(new URL('rfc9605-vectors.json', import.meta.url), 'utf8'));
  assert.deepEqual(vectors.map((v) => v.cipher_suite), [1, 5]);
  for (const v of vectors) {
    const key = deriveKey(v.cipher_suite === 1, Buffer.from(v.base_key, 'hex'), BigInt(v.kid));
    assert.equal(key.key.toString('hex'), v.sframe_key);
    assert.equal(key.salt.toString('hex'), v.sframe_salt);
    assert.equal(sealBytes(key, BigInt(v.ctr), Buffer.from(v.metadata, 'hex'), Buffer.from(v.pt, 'hex')).toString('hex'), v.ct);
  }
});

test('a charter with any byte altered is refused', () => {
  const { bytes, id } = convened();
  for (let at = 0; at < bytes.length; at += 1) {
    const altered = Buffer.from(bytes);
    altered[at] ^= 0x20;
    assert.throws(() => openCharter(altered, id), `byte ${at}`);
  }
  assert.throws(() => openCharter(Buffer.concat([bytes, Buffer.of(0)]), id), Malformed);
  assert.throws(() => openCharter(bytes, randomBytes(32)), /not the one of the link/);
});

test('a credential with any byte altered is refused, and a link of another meeting', () => {
  const meeting = convened();
  const { identity } = person(meeting, 0, 'Ada');
  for (let at = 0; at < identity.length; at += 1) {
    const altered = Buffer.from(identity);
    altered[at] ^= 0x01;
    assert.throws(() => openCredential(meeting.charter, altered), `byte ${at}`);
  }
  assert.throws(() => openFragment(meeting.charter, convened().fragments[0]), /not of this meeting/);
});

test('lengths that are not the shortest, other alphabets, and text that can mislead are refused', () => {
  assert.throws(() => new Reader(Buffer.of(0x40, 1, 0)).vector(), Malformed);
  assert.throws(() => new Reader(Buffer.of(0xc0, 0, 0, 0)).vector(), Malformed);
  for (const text of ['_w==', '/w', '_x']) assert.throws(() => fromBase64url(text), Malformed);
  for (const text of [' a', 'a\u00a0', 'a\nb', 'a\u202eb', '\ufeffa']) assert.throws(() => new Writer().text(text), Malformed);
});

test('a commit that opens without a delegation’s consent is refused, and with it taken', async () => {
  const meeting = convened();
  const { charter } = meeting;
  const [ada, bo] = [person(meeting, 0, 'Ada'), person(meeting, 1, 'Bo')];
  const kept = await newKeyPackage(ada.device, ada.identity, NOW_MS);
  const context = { meeting: meeting.id, founding: 1, group: randomBytes(16), phase: 'closed', part: 1, item: 0, warrant: ZEROS };
  const founded = await Group.found(kept, context, meeting.secret);
  const joining = await newKeyPackage(bo.device, bo.identity, NOW_MS);
  const added = await founded.commitMembers({ add: [joining.publicPackage] });
  const here = await Group.join(joining, added.welcome, meeting.id, meeting.secret);
  assert.deepEqual(here.authenticator, added.next.authenticator);
  await assert.rejects(Group.join(joining, added.welcome, meeting.id, randomBytes(32)), 'another meeting secret');

  const place = { meeting: meeting.id, founding: 1, group: context.group, epoch: 1n, part: 1 };
  const motion = say(ada.letterId, ada.letterKey, { type: 'motion', place, kind: 'open', item: 0, movedAtMs: BigInt(NOW_MS) });
  const id = motionIdOf(openStatement(motion).body);
  const consent = say(bo.letterId, bo.letterKey, { type: 'consent', motion: id });
  const byStranger = say(bo.letterId, ada.letterKey, { type: 'consent', motion: id });
  const toAnother = say(bo.letterId, bo.letterKey, { type: 'consent', motion: randomBytes(32) });

  const facts = {
    charter, context: here.context, epoch: here.epoch, roster: rosterOf(charter, here), place, samePlace, closeCalled: false, nowMs: NOW_MS,
    known: { claims: new Map(), devices: new Map(), revoked: new Set() }, mayRemove: () => false, motionSeenAtMs: () => NOW_MS,
  };
  const judge = async (consents, after = (next) => next) => {
    const evidence = encodeEvidence({ motion, consents });
    const next = after(contextAfter(here.context, openStatement(motion).body, evidence));
    const { commit } = await added.next.commitContext(next, [], evidence);
    return judgeCommit(facts, await here.stage(commit));
  };
  await assert.rejects(judge([]), /consent of a delegation is missing/);
  await assert.rejects(judge([byStranger]), /signature of a consent/);
  await assert.rejects(judge([toAnother]), /consent to another motion/);
  await assert.rejects(judge([consent], (next) => ({ ...next, part: next.part + 1 })), /not the context that follows/);
  await assert.rejects(judge([consent], (next) => ({ ...next, warrant: ZEROS })), /not the context that follows/);
  const { context: opened } = await judge([consent]);
  assert.equal(opened.phase, 'open');
  assert.equal(encodeContext(opened).length, 95);
});

test('a key of small order signs nothing', () => {
  // The identity, with R the identity and S zero: [S]B = R + [k]A holds for every message.
  const identity = Buffer.concat([Buffer.of(1), Buffer.alloc(31)]);
  const signature = Buffer.concat([identity, Buffer.alloc(32)]);
  assert.equal(verify(identity, 'letter', signature, Buffer.from('anything')), false);
  const pair = KeyPair.fresh();
  assert.equal(verify(pair.public, 'letter', pair.sign('letter', Buffer.from('a')), Buffer.from('a')), true);
  assert.equal(verify(pair.public, 'act', pair.sign('letter', Buffer.from('a')), Buffer.from('a')), false, 'another label');
});
