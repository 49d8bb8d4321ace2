// Five powers meet, each a principal and two advisers: fifteen members. They open by the consent of all five, give the floor in
// turn, one of them closes, and the record of it holds. Three principals and one adviser have a browser, the others are native
// members without camera: all that a small machine can show.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { NativeMember } from '../interop/native.mjs';
import { launch, shot, until } from './support/browser.mjs';
import { onCamera } from './support/cast.mjs';
import { fits } from './support/fits.mjs';
import { openHouse, verify } from './support/house.mjs';
import {
  convene,
  deliberately,
  joinByLetter,
  lampBecomes,
  lampOf,
  makeKey,
  mint,
  moveToOpen,
  noComplaints,
  person,
  received,
  sees,
} from './support/people.mjs';
import { usable } from './support/usable.mjs';

const POWERS = [
  { side: 'Republic of Ardania', principal: 'Elena Marsh', advisers: ['Ada Quist', 'Bruno Falk'], wall: [58, 84, 120] },
  { side: 'Kingdom of Borland', principal: 'Tomas Iversen', advisers: ['Ines Okafor', 'Karl Weiss'], wall: [122, 66, 58] },
  { side: 'Union of Cantara', principal: 'Mei Tanaka', advisers: ['Jana Roux', 'Paulo Reis'], wall: [66, 104, 78] },
  { side: 'Federation of Dorne', principal: 'Samuel Adeyemi', advisers: ['Ruth Alder', 'Viktor Lund'], wall: [112, 96, 60] },
  { side: 'Sultanate of Esmar', principal: 'Leila Haddad', advisers: ['Omar Said', 'Nadia Karim'], wall: [92, 72, 112] },
];
const MEMBERS = 15;
/** The principals that are seen. */
const SEEN = 3;

describe('five powers', { concurrency: false }, () => {
  let house, convener, world, quist, meeting;
  const browsers = [];
  const principals = [];
  const natives = new Map();
  const letters = {};

  const rooms = () => [...principals, quist];
  const gives = (from, to) => from.getByRole('button', { name: `Give the floor to ${to}` }).click();
  const speaks = (name) =>
    Promise.all(rooms().map((page) => page.locator(`[data-speaker="${name}"]`).waitFor()));

  before(async () => {
    house = await openHouse();
    const browser = await launch();
    browsers.push(browser);
    [convener, world] = await Promise.all([0, 1].map(() => person(browser, { bypassCSP: true })));
    meeting = await convene(convener, house.convene, {
      title: 'Summit of the five powers',
      sides: POWERS.map(({ side }) => side),
      agenda: [{ title: 'Words of welcome' }, { title: 'The border question', ground: 'Rules of procedure, article 12' }],
    });
    for (const [at, { principal, advisers }] of POWERS.entries()) {
      await makeKey(convener, meeting.desks[at]);
      letters[principal] = await mint(convener, { name: principal, role: 'principal' });
      for (const name of advisers) letters[name] = await mint(convener, { name, role: 'adviser' });
    }
    await convener.context().close();
  });
  after(async () => {
    await Promise.all([...natives.values()].map((it) => it.stop()));
    await Promise.all(browsers.map((it) => it.close()));
    await house?.close();
  });

  test('fifteen members come in, and each of them has been confirmed by every other', async () => {
    for (const [at, { principal, wall }] of POWERS.slice(0, SEEN).entries()) {
      const { page, browser } = await onCamera(`power-${at}`, { wall, tone: 500 + 200 * at });
      browsers.push(browser);
      principals.push(page);
      await joinByLetter(page, letters[principal]);
      await lampBecomes(page, 'closed');
    }
    quist = await person(browsers[0], { bypassCSP: true });
    await quist.goto(letters['Ada Quist']);
    await quist.waitForSelector('.preview video');
    await quist.getByLabel('Use the camera').uncheck();
    await quist.getByRole('button', { name: 'Join the meeting' }).click();
    const seen = ['Ada Quist', ...POWERS.slice(0, SEEN).map(({ principal }) => principal)];
    const everybody = POWERS.flatMap(({ principal, advisers }) => [principal, ...advisers]);
    for (const name of everybody.filter((it) => !seen.includes(it))) {
      const fragment = new URL(letters[name]).hash.slice(1);
      const member = new NativeMember({ url: house.url, meeting: meeting.meeting, fragment, name });
      natives.set(name, member);
      await member.until('in the room', ({ lamp }) => lamp === 'closed', 40_000);
    }
    assert.equal(principals.length + 1 + natives.size, MEMBERS);
    const all = ({ members, lamp }) =>
      lamp === 'closed' && members.length === MEMBERS && members.every(({ confirmed }) => confirmed);
    await Promise.all([...natives.values()].map((it) => it.until('all are confirmed', all, 60_000)));
    await Promise.all(rooms().map((page) => lampBecomes(page, 'closed')));
    const codes = await Promise.all(rooms().map((page) => page.locator('[data-code]').innerText()));
    assert.equal(new Set(codes).size, 1, 'one code for all');
    assert.equal(natives.get('Bruno Falk').code.replace(/\s/g, ''), codes[0].replace(/\s/g, ''));
    await Promise.all(principals.map((page) => sees(page, 10)));
  });

  test('the pictures stand by delegation, and whoever speaks can be large', async () => {
    const [elena] = principals;
    // Where so many meet, only those who are seen have a place on the stage; the list beside it has everybody, by side.
    const order = () => elena.locator('[data-tile]').evaluateAll((all) => all.map((it) => it.dataset.tile).join());
    const others = POWERS.slice(1, SEEN).map(({ principal }) => principal).join();
    await until(async () => (await order()) === others, { what: 'the two others, in the order of the founding document' });
    const people = await elena.locator('aside .delegation').allInnerTexts();
    for (const [at, { side, principal, advisers }] of POWERS.entries()) {
      for (const name of [side, principal, ...advisers]) assert.ok(people[at].includes(name), `${name} in ${people[at]}`);
    }
    await elena.setViewportSize({ width: 1440, height: 900 });
    await usable(elena, 'five delegations, side by side');
    await shot(elena, 'five-powers-grid');
    await elena.click('[data-do=layout]');
    await elena.locator('.strip').waitFor();
    await usable(elena, 'five delegations, the speaker large');
    await shot(elena, 'five-powers-speaker');
    await elena.click('[data-do=layout]');
  });

  test('delegations of several pictures stand together under their name, each with as much room', async () => {
    const [elena, tomas] = principals;
    await quist.click('[data-do=camera]');
    const groups = () =>
      elena.locator('[data-group]').evaluateAll((all) =>
        all.map((it) => [it.querySelector('h2').innerText, ...[...it.querySelectorAll('[data-tile]')].map((one) => one.dataset.tile)].join()),
      );
    const wanted = [
      [POWERS[1].side, POWERS[1].principal],
      [POWERS[2].side, POWERS[2].principal],
      [POWERS[0].side, 'Ada Quist'],
    ];
    await until(async () => `${await groups()}` === `${wanted}`, { what: `${wanted}` });
    assert.ok(await elena.locator('[data-group="0"] .own video').isVisible(), 'one’s own picture is with one’s own delegation');
    for (const [width, height] of [[1440, 900], [360, 740]]) {
      await elena.setViewportSize({ width, height });
      // A telephone begins with the pictures alone.
      if (width < 700) await elena.click('[data-do=details]');
      const boxes = await elena.locator('[data-group]').evaluateAll((all) => all.map((it) => it.getBoundingClientRect().toJSON()));
      for (const box of boxes) assert.ok(Math.abs(box.height - boxes[0].height) < 2 && Math.abs(box.width - boxes[0].width) < 2, JSON.stringify(boxes));
      await fits(elena, `delegations at ${width}`);
      await usable(elena, `delegations at ${width}`);
      await shot(elena, `five-powers-delegations-${width}`);
    }
    assert.equal(await tomas.locator('[data-group="0"] [data-tile]').count(), 2);
    await elena.setViewportSize({ width: 1440, height: 900 });
    await elena.click('[data-do=details]');
    await quist.click('[data-do=camera]');
    await until(async () => (await groups()).length === 0, { what: 'one of each' });
  });

  test('the fifth consent opens the doors, and not the fourth', async () => {
    await moveToOpen(principals[0]);
    for (const { principal } of POWERS.slice(SEEN)) {
      await natives.get(principal).until('asked', ({ may }) => may.consent);
      await natives.get(principal).consent();
    }
    await deliberately(principals[1], 'Agree to open');
    await principals[2].locator('dialog').waitFor();
    const waitsFor = async () => (await principals[0].locator('.notes').innerText()).match(/[A-Z]\w+ of [A-Z]\w+/g);
    await until(async () => `${await waitsFor()}` === POWERS[2].side, { what: 'the last side alone is waited for' });
    await shot(principals[2], 'five-powers-last-consent');
    assert.deepEqual(await Promise.all(rooms().map(lampOf)), ['closed', 'closed', 'closed', 'closed']);
    await deliberately(principals[2], 'Agree to open');
    await Promise.all(principals.map((page) => lampBecomes(page, 'open')));
  });

  test('the world sees who is on camera, by side, and reads who else is there', async () => {
    await world.goto(meeting.open);
    await lampBecomes(world, 'open');
    await world.getByRole('button', { name: 'Watch and listen' }).click();
    await until(async () => (await world.locator('.tiles video').count()) === SEEN, { what: 'a picture of each' });
    await sees(world, 40);
    const names = await world.locator('.tiles li strong').allInnerTexts();
    assert.deepEqual(names, POWERS.slice(0, SEEN).map(({ principal }) => principal));
    const present = await world.locator('#present').innerText();
    for (const { principal, advisers } of POWERS) for (const name of [principal, ...advisers]) assert.ok(present.includes(name), name);
    await usable(world, 'five powers in public');
    await shot(world, 'five-powers-public');
  });

  test('the floor goes round, and an adviser speaks when the principal yields', async () => {
    const [elena, tomas] = principals;
    for (const page of [principals[1], principals[2]]) await page.keyboard.press('h');
    await elena.locator('[data-asking="Tomas Iversen"]').waitFor();
    await elena.locator('[data-asking="Mei Tanaka"]').waitFor();
    await elena.selectOption('[data-minutes]', '1');
    await gives(elena, 'Tomas Iversen');
    await speaks('Tomas Iversen');
    await shot(elena, 'five-powers-floor');
    await tomas.locator('[data-do=yield]').click();
    await gives(tomas, 'Mei Tanaka');
    await speaks('Mei Tanaka');
    await quist.getByRole('button', { name: 'Appear in public' }).waitFor();
    await deliberately(quist, 'Appear in public');
    await lampBecomes(quist, 'open');
    await quist.keyboard.press('h');
    await elena.locator('[data-asking="Ada Quist"]').waitFor();
    assert.equal(await quist.getByRole('button', { name: 'Give the floor' }).count(), 0, 'an adviser gives it to nobody');
    await principals[2].locator('[data-do=yield]').click();
    await gives(elena, 'Ada Quist');
    await speaks('Ada Quist');
    assert.equal(await quist.locator('[data-do=close]').count(), 0, 'nor closes');
    await quist.locator('[data-do=yield]').click();
  });

  test('one closes for all, and the world sees nothing more', async () => {
    await natives.get('Samuel Adeyemi').move('close', 1);
    await Promise.all([...rooms(), world].map((page) => lampBecomes(page, 'closed')));
    await Promise.all([...natives.values()].map((it) => it.until('closed', ({ lamp }) => lamp === 'closed', 40_000)));
    const { frames } = await received(world);
    await Promise.all(principals.map((page) => sees(page, 10)));
    assert.equal((await received(world)).frames, frames);
  });

  test('the meeting is adjourned, and whoever verifies its record finds all of it', async () => {
    await principals[1].click('[data-do=adjourn]');
    await deliberately(principals[1], 'Adjourn for everybody');
    await Promise.all([...rooms(), world].map((page) => lampBecomes(page, 'adjourned')));
    const report = await verify(meeting.open);
    assert.equal(report.ok, true, JSON.stringify(report.problems));
    const open = report.parts.filter(({ phase }) => phase === 'open');
    assert.equal(open.length, 1);
    await shot(world, 'five-powers-adjourned');
  });

  test('no page complained, but of a house that was busy and let the public wait a moment', () => {
    world.heard = world.heard.filter((it) => !it.includes('503'));
    noComplaints([...rooms(), world]);
  });
});
