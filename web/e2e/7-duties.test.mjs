// What a meeting owes the public by its founding document: that it is adjourned in public, and that it pauses while nothing
// comes through. And that whoever speaks in public is told when nothing does, in every meeting.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse, verify } from './support/house.mjs';
import { convene, deliberately, join, lampBecomes, moveToOpen, noComplaints, person, received, sees, SIDES } from './support/people.mjs';
import { usable } from './support/usable.mjs';

const CHAIR = SIDES[0];
const REPORTS = 'It reports before it ends: it is adjourned in public and nowhere else.';
const PAUSES = 'It pauses while the public cannot hear it';

const offered = (page, what) => page.locator(`[data-do=${what}]`).count();
const told = (page) => page.locator('[data-unheard]');
const stateOf = async (house, { meeting }) => (await (await fetch(`${house.url}/api/meetings/${meeting}`)).json()).state;

describe('a council that reports, and pauses while it is not heard', { concurrency: false }, () => {
  let house, browser, chair, other, viewer, meeting;

  before(async () => {
    house = await openHouse();
    browser = await launch();
    [chair, other, viewer] = await Promise.all([0, 1, 2].map(() => person(browser, { bypassCSP: true })));
    meeting = await convene(viewer, house.convene, { chair: CHAIR, duties: ['reports', 'pauses'] });
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('whoever joins, and the public, read what it owes', async () => {
    await other.goto(meeting.links[1]);
    const duties = other.locator('[data-duties]');
    await duties.waitFor();
    const said = await duties.innerText();
    assert.ok(said.includes(REPORTS) && said.includes(PAUSES), said);
    await usable(other, 'device check of a meeting with duties');
    await join(other, meeting.links[1], 'Tomas Iversen');
    await join(chair, meeting.links[0], 'Elena Marsh');
    await Promise.all([chair, other].map((page) => lampBecomes(page, 'closed')));
    await viewer.goto(meeting.open);
    const facts = await viewer.locator('#facts').innerText();
    assert.ok(facts.includes(REPORTS) && facts.includes(PAUSES), facts);
  });

  test('in a closed part it cannot be adjourned, and who else could is told why', async () => {
    const why = chair.locator('[data-report-due]');
    await why.waitFor();
    assert.match(await why.innerText(), /reports before it ends.*open the doors first/);
    assert.equal(await offered(chair, 'adjourn'), 0);
    await usable(chair, 'a closed part of a meeting that reports');
    await shot(chair, 'duties-report-due');
    // Who could not adjourn anyway is not bothered.
    assert.equal(await offered(other, 'adjourn'), 0);
    assert.equal(await other.locator('[data-report-due]').count(), 0);
  });

  test('while nobody sees to it that the public hears, the members are told, and nothing is sent', async () => {
    await moveToOpen(chair);
    await deliberately(other, 'Appear in public');
    await Promise.all([chair, other, viewer].map((page) => lampBecomes(page, 'open')));
    await Promise.all([sees(chair), sees(other)]);
    // The house must have heard something, or there was nothing to lose.
    await until(async () => (await stateOf(house, meeting)).unheard_since_ms === null, { what: 'the public hears' });
    await house.signalWatcher('SIGSTOP');
    await Promise.all([chair, other].map((page) => lampBecomes(page, 'held', 20)));
    for (const page of [chair, other]) {
      await told(page).waitFor();
      const said = await told(page).innerText();
      assert.match(said, /the public has not been able to hear this part since \d/);
      assert.match(said, /nothing is sent until the public can hear again/);
      assert.equal(await told(page).getAttribute('role'), 'alert');
    }
    await usable(chair, 'the public cannot hear');
    await shot(chair, 'duties-paused');
    await until(async () => (await viewer.locator('#band').innerText()).includes('nothing has come through to the public'), {
      what: 'the public reads that the house has noticed',
    });
    assert.match(await viewer.locator('#now').innerText(), /they pause until the public can hear them/);
    await usable(viewer, 'the public page of a part that nobody hears');
    await shot(viewer, 'duties-public-unheard');
    // What was on its way has come; then nothing more does.
    let last = -1;
    await until(async () => {
      const { frames } = await received(other);
      const stands = frames === last;
      last = frames;
      return stands;
    }, { what: 'no pictures come any more', every: 1_000 });
  });

  test('and it goes on by itself when the public hears again', async () => {
    await house.signalWatcher('SIGCONT');
    await Promise.all([chair, other].map((page) => lampBecomes(page, 'open')));
    for (const page of [chair, other]) assert.equal(await told(page).count(), 0);
    assert.match(await chair.locator('[data-said]').innerText(), /The public can hear you again\.$/);
    await until(async () => (await viewer.locator('#band').innerText()).includes('you see and hear it live'), {
      what: 'the public page says so too',
    });
    await Promise.all([sees(chair), sees(other)]);
  });

  test('what is decided after the doors are shut is reported as well, before it ends', async () => {
    await chair.click('[data-do=close]');
    await Promise.all([chair, other].map((page) => lampBecomes(page, 'closed')));
    await chair.locator('[data-report-due]').waitFor();
    assert.equal(await offered(chair, 'adjourn'), 0);
    await moveToOpen(chair);
    await lampBecomes(chair, 'open');
    assert.equal(await chair.locator('[data-report-due]').count(), 0);
    await chair.click('[data-do=adjourn]');
    assert.match(await chair.locator('dialog').innerText(), /The open part ends, and the meeting with it/);
    await usable(chair, 'adjourning in public');
    await deliberately(chair, 'Adjourn for everybody');
    await Promise.all([chair, other, viewer].map((page) => lampBecomes(page, 'adjourned')));
  });

  test('and whoever verifies the record sees both', async () => {
    const report = await verify(meeting.open);
    assert.equal(report.ok, true, JSON.stringify(report.problems));
    assert.deepEqual(report.duties, { reports: true, pauses: true });
    const [first, second] = report.parts.filter(({ phase }) => phase === 'open');
    assert.equal(first.unheard.length, 1, JSON.stringify(first));
    assert.ok(first.unheard[0].until_ms > first.unheard[0].from_ms);
    assert.deepEqual(second.unheard, []);
  });

  test('no page complained', () => noComplaints([chair, other, viewer]));
});

describe('a meeting that owes nothing', { concurrency: false }, () => {
  let house, browser, ana, ben, meeting;

  before(async () => {
    house = await openHouse({ flags: ['--no-recording'] });
    browser = await launch();
    [ana, ben] = await Promise.all([0, 1].map(() => person(browser)));
    meeting = await convene(ben, house.convene);
    await ana.goto(meeting.links[0]);
    await ana.getByText('Agenda', { exact: true }).waitFor();
    assert.equal(await ana.locator('[data-duties]').count(), 0);
    await join(ana, meeting.links[0], 'Elena Marsh');
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await Promise.all([ana, ben].map((page) => lampBecomes(page, 'closed')));
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('is adjourned behind closed doors, and not in public', async () => {
    assert.equal(await offered(ana, 'adjourn'), 1);
    assert.equal(await ana.locator('[data-report-due]').count(), 0);
    await moveToOpen(ana);
    await deliberately(ben, 'Agree to open');
    await Promise.all([ana, ben].map((page) => lampBecomes(page, 'open')));
    assert.equal(await offered(ana, 'adjourn'), 0);
  });

  test('is told when the public does not hear it, and goes on as it likes', async () => {
    await Promise.all([sees(ana), sees(ben)]);
    await house.signalWatcher('SIGSTOP');
    await Promise.all([ana, ben].map((page) => told(page).waitFor()));
    assert.match(await told(ana).innerText(), /what is said now does not reach the public/);
    assert.equal(await ana.locator('[data-lamp]').first().getAttribute('data-lamp'), 'open');
    assert.match(await ana.locator('[data-lamp-band]').innerText(), /the public cannot hear it now/);
    await Promise.all([sees(ana, 40), sees(ben, 40)]);
    await shot(ana, 'duties-unheard');
  });

  test('whoever watches is replaced when it has died, and the members are told that they are heard again', async () => {
    await house.signalWatcher('SIGKILL');
    await Promise.all([ana, ben].map((page) => told(page).waitFor({ state: 'detached' })));
    assert.match(await ana.locator('[data-lamp-band]').innerText(), /The public sees and hears you/);
  });

  test('an end of the part is the end of the matter', async () => {
    await house.signalWatcher('SIGSTOP');
    await told(ana).waitFor();
    await ana.click('[data-do=close]');
    await Promise.all([ana, ben].map((page) => lampBecomes(page, 'closed')));
    assert.equal(await told(ana).count(), 0);
    await house.signalWatcher('SIGCONT');
  });

  test('no page complained', () => noComplaints([ana, ben]));
});
