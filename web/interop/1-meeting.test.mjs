// A meeting between a member written from docs/protocol.md alone and this project's own, over the real server.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { openHouse } from '../e2e/support/house.mjs';
import { convene } from './convene.mjs';
import { Gallery } from './gallery.mjs';
import { Member } from './member.mjs';
import { NativeMember } from './native.mjs';
import { countersigners } from './record.mjs';
import { openDocument } from './table.mjs';
import { CAMERA, kidText, MICROPHONE, openAsGallery, readHeader, SCREEN } from './sframe.mjs';

let house;
const running = [];
before(async () => { house = await openHouse(); });
afterEach(async () => { for (const one of running.splice(0)) await one.stop(); });
after(async () => { await house?.close(); });

function start(Kind, meeting, delegation, name) {
  const one = new Kind({ url: meeting.house, meeting: meeting.meeting, fragment: meeting.fragments[delegation], name });
  running.push(one);
  one.connect?.();
  return one;
}

/** Both lamps say so, all have confirmed, and the people read the same code to each other. */
async function bothSay(lamp, foreign, native, part) {
  const there = await foreign.until(`${lamp}, part ${part}`, (s) => s.lamp === lamp && s.part === part && s.confirmed === s.members && s.members === 2 && s.seals);
  await native.until(`${lamp}, part ${part}`, (v) => v.lamp === lamp && v.part === part && v.sending && v.members.length === 2 && v.members.every((m) => m.confirmed));
  assert.equal(native.code, foreign.status().code);
  assert.equal(there.code, native.code);
}

const SOUND = Buffer.from('a frame of Opus, as far as SFrame is concerned');
const PICTURE = Buffer.from([0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 1, 2, 3, 4, 5, 6, 7]); // RFC 6386 §9.1

/** Frames go both ways, of all streams, whole; one that was touched does not. */
async function framesPass(foreign, native) {
  const leaves = { foreign: foreign.status().leaf, native: native.view.members.find((m) => m.me).leaf };
  // In an open part a screen is sealed only if it was chosen there.
  const screen = native.view.lamp === 'closed' ? [[SCREEN, PICTURE]] : [];
  for (const [stream, frame] of [[MICROPHONE, SOUND], [CAMERA, PICTURE], ...screen, [MICROPHONE, SOUND]]) {
    const there = foreign.seal(stream, frame);
    assert.deepEqual(await native.open(stream, there), { leaf: leaves.foreign, frame });
    const back = await native.seal(stream, frame);
    assert.deepEqual(foreign.open(stream, back), { leaf: leaves.native, frame });
    await assert.rejects(native.open(stream, there), 'a frame taken twice');
    assert.throws(() => foreign.open(stream, back), 'a frame taken twice');

    const forged = (sealed) => Buffer.from(sealed.map((byte, at) => (at === sealed.length - 1 ? byte ^ 1 : byte)));
    await assert.rejects(native.open(stream, forged(foreign.seal(stream, frame))), /forged/);
    const touched = forged(await native.seal(stream, frame));
    assert.throws(() => foreign.open(stream, touched));
  }
  // The clear byte of a picture is authenticated.
  const other = foreign.seal(CAMERA, PICTURE);
  other[0] ^= 0x01;
  await assert.rejects(native.open(CAMERA, other), /forged/);
}

/** What the gallery can do with what was disclosed through the server. */
async function publicDecrypts(gallery, sealed, stream, frame) {
  const { kid } = readHeader(sealed.subarray(stream));
  const disclosure = await gallery.disclosed(kidText(kid));
  assert.deepEqual(openAsGallery(disclosure, stream, sealed), frame);
}

async function wholeMeeting(first) {
  const meeting = await convene(house.convene);
  const gallery = new Gallery({ url: meeting.house, meeting: meeting.meeting });
  running.push(gallery);
  let foreign;
  let native;
  if (first === 'native') {
    native = start(NativeMember, meeting, 0, 'Nora');
    await native.until('in the group', (v) => v.lamp === 'closed');
    foreign = start(Member, meeting, 1, 'Felix');
  } else {
    foreign = start(Member, meeting, 1, 'Felix');
    await foreign.until('in the group', (s) => s.lamp === 'closed');
    native = start(NativeMember, meeting, 0, 'Nora');
  }
  await bothSay('closed', foreign, native, 1);
  await framesPass(foreign, native);

  // The foreign member moves, the native one consents.
  foreign.move('open', 0);
  await native.until('the motion', (v) => v.motion?.kind === 'open');
  await native.consent();
  await bothSay('open', foreign, native, 2);
  await framesPass(foreign, native);
  await publicDecrypts(gallery, foreign.seal(CAMERA, PICTURE), CAMERA, PICTURE);
  await publicDecrypts(gallery, await native.seal(MICROPHONE, SOUND), MICROPHONE, SOUND);
  const late = foreign.seal(MICROPHONE, SOUND);

  // The native one closes.
  await native.move('close', 1);
  await bothSay('closed', foreign, native, 3);
  assert.deepEqual((await native.open(MICROPHONE, late)).frame, SOUND, 'a frame from before the fin, come late');
  await framesPass(foreign, native);

  // The other way round.
  await native.move('open', 0);
  await foreign.until('the motion', (s) => s.motion === 'open');
  foreign.consent();
  await bothSay('open', foreign, native, 4);
  await framesPass(foreign, native);
  foreign.move('close', 1);
  assert.throws(() => foreign.seal(MICROPHONE, SOUND), /holds/, 'the closer seals nothing from the intent on');
  await bothSay('closed', foreign, native, 5);
  await framesPass(foreign, native);

  if (first === 'native') foreign.move('adjourn');
  else await native.move('adjourn', 0);
  await foreign.until('adjourned', (s) => s.lamp === 'adjourned');
  await native.until('adjourned', (v) => v.lamp === 'adjourned');
  assert.deepEqual(foreign.refusals, []);
  assert.deepEqual(native.told, []);
  await bothCountersign(meeting, foreign);
}

/** Both stand under the end of the record, and the lines hold under the keys of their letters. */
async function bothCountersign(meeting, foreign) {
  const keys = new Map(foreign.roster.map((m) => [m.letterId.toString('base64url'), m.letterKey]));
  for (let left = 50; ; left -= 1) {
    const head = await fetch(`${meeting.house}/m/${meeting.meeting}/record/checkpoint`);
    const names = countersigners(await head.text(), keys);
    if (names.length === 2) return;
    assert.ok(left > 0, `countersigned by ${names}`);
    await new Promise((resolve) => { setTimeout(resolve, 200); });
  }
}

test('a foreign member joins a native one, and they open and close by turns until the end', () => wholeMeeting('native'));
test('a foreign member founds the group and takes a native one in', () => wholeMeeting('foreign'));

test('a meeting that reports is adjourned in public by either, and nowhere else', async () => {
  // The recording of a part that ends with the meeting is entered after the end, and under that head stands nobody.
  const quiet = await openHouse({ flags: ['--no-recording'] });
  running.push({ stop: () => quiet.close() });
  for (const by of ['native', 'foreign']) {
    const meeting = await convene(quiet.convene, { reports: true, pauses: true });
    const native = start(NativeMember, meeting, 0, 'Nora');
    await native.until('in the group', (v) => v.lamp === 'closed');
    const foreign = start(Member, meeting, 1, 'Felix');
    await bothSay('closed', foreign, native, 1);
    assert.ok(native.view.report_due && !native.view.may.adjourn);
    foreign.move('adjourn');
    await foreign.until('it is refused', (s) => s.refusals.length === 1);
    await native.move('open', 0);
    await foreign.until('the motion', (s) => s.motion === 'open');
    foreign.consent();
    await bothSay('open', foreign, native, 2);
    await framesPass(foreign, native);
    if (by === 'native') await native.move('adjourn', 0);
    else {
      foreign.move('adjourn');
      assert.throws(() => foreign.seal(MICROPHONE, SOUND), /holds/, 'who adjourns in public seals nothing from the intent on');
    }
    await foreign.until('adjourned', (s) => s.lamp === 'adjourned');
    await native.until('adjourned', (v) => v.lamp === 'adjourned');
    await bothCountersign(meeting, foreign);
  }
});

test('members that share no code read each other’s texts, see each other’s lines grow, and open each other’s documents', async () => {
  const meeting = await convene(house.convene);
  const native = start(NativeMember, meeting, 0, 'Nora');
  await native.until('in the group', (v) => v.lamp === 'closed');
  const foreign = start(Member, meeting, 1, 'Felix');
  await bothSay('closed', foreign, native, 1);
  const line = () => [...native.lines.values()].join();

  await native.type('Shall we');
  await foreign.until('a line', (s) => s.lines.join() === 'Shall we');
  await native.type('Shall we begin?');
  await foreign.until('more of it', (s) => s.lines.join() === 'Shall we begin?');
  await native.write('Shall we begin?');
  await foreign.until('a text', (s) => s.texts.join() === 'Shall we begin?' && s.lines.length === 0);
  foreign.type('If you');
  await native.until('a line', () => line() === 'If you');
  foreign.type(`If you like. ${'And so on. '.repeat(30)}`.trim());
  await native.until('a longer one', () => line().endsWith('And so on.'));
  foreign.write('If you like.');
  await native.until('a text', () => line() === '' && native.texts.at(-1)?.text === 'If you like.');
  assert.equal(native.texts.at(-1).missing, 0);

  const file = Buffer.alloc(70_000, 'a plan of the valley, ');
  const sealed = await native.offer('plan.pdf', 'application/pdf', file);
  const { offers: [offer] } = await foreign.until('an offer', (s) => s.offers.length === 1);
  assert.deepEqual([offer.name, offer.size, offer.part, offer.kind], ['plan.pdf', file.length, 1, 5]);
  assert.deepEqual(openDocument(offer, sealed), file);
  assert.throws(() => openDocument(offer, Buffer.concat([sealed.subarray(0, -1), Buffer.of(sealed.at(-1) ^ 1)])));

  // A line ends with its part, on both sides.
  await native.type('Behind closed doors');
  await foreign.until('a line', (s) => s.lines.join() === 'Behind closed doors');
  foreign.type('And here');
  await native.until('a line', () => line() === 'And here');
  foreign.move('open', 0);
  await native.until('the motion', (v) => v.motion?.kind === 'open');
  await native.consent();
  await bothSay('open', foreign, native, 2);
  assert.deepEqual([foreign.status().lines, line()], [[], '']);
  assert.deepEqual([foreign.refusals, native.told], [[], []]);
});

test('a foreign member that enters an open part checks the warrant, and is not public until it says so', async () => {
  const meeting = await convene(house.convene, { delegations: ['Alpha', 'Beta', 'Gamma'] });
  const native = start(NativeMember, meeting, 0, 'Nora');
  await native.until('in the group', (v) => v.lamp === 'closed');
  const second = start(NativeMember, meeting, 1, 'Nils');
  await native.until('two', (v) => v.members.length === 2 && v.members.every((m) => m.confirmed));
  await native.move('open', 0);
  await second.until('the motion', (v) => v.motion?.kind === 'open');
  await second.consent();
  await native.until('open', (v) => v.lamp === 'open' && v.sending);

  const foreign = start(Member, meeting, 2, 'Felix');
  await foreign.until('open', (s) => s.lamp === 'open' && s.confirmed === 3);
  assert.throws(() => foreign.seal(MICROPHONE, SOUND), /holds/);
  const heard = (frame) => foreign.open(MICROPHONE, frame).frame;
  await native.until('three', (v) => v.lamp === 'open' && v.sending && v.members.length === 3);
  assert.deepEqual(heard(await native.seal(MICROPHONE, SOUND)), SOUND);

  await second.move('close', 1);
  for (const one of [native, second]) await one.until('closed', (v) => v.lamp === 'closed' && v.part === 3 && v.members.length === 3 && v.sending);
  await foreign.until('closed', (s) => s.lamp === 'closed' && s.members === 3 && s.seals);
  assert.deepEqual((await second.open(MICROPHONE, foreign.seal(MICROPHONE, SOUND))).frame, SOUND);
  assert.equal(foreign.status().code, native.code);

  foreign.leave();
  await native.until('the foreign one has left', (v) => v.members.length === 2);
});
