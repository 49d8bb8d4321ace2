// A council sits in public, as most of the time it must. Its chair opens, keeps the list of speakers and the time, closes for the
// one item that has a ground, reports in public what was decided, and only then may adjourn. Citizens follow on the public page.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { onCamera } from './support/cast.mjs';
import { openHouse, verify } from './support/house.mjs';
import { convene, deliberately, join, lampBecomes, moveToOpen, noComplaints, person, received, sees } from './support/people.mjs';
import { usable } from './support/usable.mjs';

const [CHAIR, RIVER, HILL] = ['The chair of the council', 'Riverside group', 'Hillside group'];
const HEARING = 'Hearing on the new bridge';
const LAND = 'Purchase of land at the harbour';
const GROUND = 'Article 35 (2) of the municipal code: the price is still being negotiated, and the seller is a private person';

describe('a council', { concurrency: false }, () => {
  let house, chair, river, hill, citizen, meeting;
  const browsers = [];

  const offered = (page, what) => page.locator(`[data-do=${what}]`).count();
  const members = () => [chair, river, hill];
  const lampsBecome = (lamp) => Promise.all([...members(), citizen].map((page) => lampBecomes(page, lamp)));
  const asking = (page) => page.locator('[data-asking]').evaluateAll((all) => all.map((one) => one.dataset.asking).join());
  const asks = (names) => until(async () => (await asking(chair)) === names, { what: `${names} ask for the floor` });
  const gives = (name) => chair.getByRole('button', { name: `Give the floor to ${name}` }).click();
  const speaks = (name) => Promise.all(members().map((page) => page.locator(`[data-speaker="${name}"]`).waitFor()));

  before(async () => {
    house = await openHouse();
    const cast = [
      { wall: [84, 74, 60], tone: 600 },
      { wall: [52, 92, 104], tone: 900 },
      { wall: [70, 96, 62], tone: 1_200 },
    ];
    for (const [at, its] of cast.entries()) {
      const { page, browser } = await onCamera(`council-${at}`, its);
      browsers.push(browser);
      if (at === 0) chair = page;
      else if (at === 1) river = page;
      else hill = page;
    }
    const browser = await launch();
    browsers.push(browser);
    citizen = await person(browser, { bypassCSP: true });
    meeting = await convene(citizen, house.convene, {
      title: 'Ordinary sitting of the town council',
      sides: [CHAIR, RIVER, HILL],
      agenda: [{ title: HEARING }, { title: LAND, ground: GROUND }],
      chair: CHAIR,
      duties: ['reports'],
    });
    await citizen.goto(meeting.open);
  });
  after(async () => {
    await Promise.all(browsers.map((it) => it.close()));
    await house?.close();
  });

  test('the citizens read beforehand who meets, on what, and what will be closed and why', async () => {
    const page = await citizen.locator('main').innerText();
    for (const said of [CHAIR, RIVER, HILL, HEARING, LAND, GROUND]) assert.ok(page.includes(said), said);
    await usable(citizen, 'the public page of a council, before');
    await shot(citizen, 'council-1-before');
  });

  test('the chair opens, the groups appear, and the citizens see and hear them', async () => {
    await join(chair, meeting.links[0], 'Rosa Ferrante');
    await join(river, meeting.links[1], 'Jonas Ek');
    await join(hill, meeting.links[2], 'Amina Diallo');
    await Promise.all(members().map((page) => lampBecomes(page, 'closed')));
    assert.deepEqual(await Promise.all([river, hill].map((page) => offered(page, 'open'))), [0, 0]);
    await moveToOpen(chair);
    for (const page of [river, hill]) await deliberately(page, 'Appear in public');
    await lampsBecome('open');
    await citizen.getByRole('button', { name: 'Watch and listen' }).click();
    await until(async () => (await citizen.locator('.tiles video').count()) === 3, { what: 'three pictures' });
    await sees(citizen, 20);
    assert.ok((await citizen.locator('#now').innerText()).includes(HEARING));
    await shot(citizen, 'council-2-open');
  });

  test('whoever wants to speak is on the list, a point of order goes first, and the time runs', async () => {
    await river.keyboard.press('h');
    await asks('Jonas Ek');
    await hill.keyboard.press('h');
    await asks('Jonas Ek,Amina Diallo');
    await chair.selectOption('[data-minutes]', '2');
    await gives('Jonas Ek');
    await speaks('Jonas Ek');
    const clock = hill.locator('[data-clock]');
    await until(async () => /^1:\d\d left$/.test(await clock.innerText()), { what: 'the clock runs down' });
    await chair.locator('#floor-title').scrollIntoViewIfNeeded();
    await shot(chair, 'council-3-floor');
    await hill.click('[data-do=order]');
    await chair.locator('[data-badge=point_of_order]').waitFor();
    await chair.click('[data-do=take]');
    await gives('Amina Diallo');
    await speaks('Amina Diallo');
    await usable(hill, 'a councillor who has the floor');
    await shot(hill, 'council-4-has-the-floor');
    await hill.locator('[data-do=yield]').first().click();
  });

  test('going to the item that has a ground shuts the doors, and the citizens read why', async () => {
    assert.equal(await river.locator('[data-take-up="1"]').count(), 0, 'the chair’s to do');
    await chair.locator('[data-take-up="1"]').click();
    await lampsBecome('closed');
    const now = await citizen.locator('#now').innerText();
    assert.ok(now.includes(LAND) && now.includes(GROUND), now);
    const { frames } = await received(citizen);
    await Promise.all(members().map((page) => sees(page, 10)));
    assert.equal((await received(citizen)).frames, frames, 'the citizens see nothing of it');
    await usable(citizen, 'the public page of a council, behind closed doors');
    await shot(citizen, 'council-5-closed');
  });

  test('it cannot be ended there: the chair is told that it must report first', async () => {
    assert.equal(await offered(chair, 'adjourn'), 0);
    const due = chair.locator('[data-report-due]');
    await due.waitFor();
    assert.match(await due.innerText(), /reports before it ends: to adjourn, open the doors first/);
    await shot(chair, 'council-6-report-due');
  });

  test('reported in public, it is adjourned', async () => {
    await moveToOpen(chair);
    for (const page of [river, hill]) await deliberately(page, 'Appear in public');
    await lampsBecome('open');
    await sees(citizen, 10);
    await chair.click('[data-do=adjourn]');
    await deliberately(chair, 'Adjourn for everybody');
    await lampsBecome('adjourned');
  });

  test('and the public page tells all of it, as the record does', async () => {
    await citizen.reload();
    const page = await citizen.locator('main').innerText();
    for (const said of ['It lasted', CHAIR, RIVER, HILL, HEARING, LAND, GROUND, 'It reports before it ends']) {
      assert.ok(page.includes(said), `${said} in ${page}`);
    }
    await usable(citizen, 'the public page of a council, after');
    await shot(citizen, 'council-7-after', { fullPage: true });
    const report = await verify(meeting.open);
    assert.equal(report.ok, true, JSON.stringify(report.problems));
    assert.deepEqual(report.duties, { reports: true, pauses: false });
    assert.deepEqual(report.parts.map(({ phase }) => phase), ['closed', 'open', 'closed', 'open']);
  });

  test('no page complained', () => noComplaints([...members(), citizen]));
});
