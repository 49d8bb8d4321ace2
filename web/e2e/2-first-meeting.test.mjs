// The story of the first meeting, in real browsers: two sides meet in public, then alone. What is held against the
// pages is what arrives in them: pictures that were decoded, a tone that can be heard.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse, verify } from './support/house.mjs';
import {
  CLOSED_ITEM,
  convene,
  deliberately,
  GROUND,
  hears,
  join,
  lampBecomes,
  lampOf,
  moveToOpen,
  near,
  noComplaints,
  person,
  pitch,
  received,
  sees,
  SIDES,
  soundsSent,
  TITLE,
} from './support/people.mjs';

const ANA_HZ = 700;
const BEN_HZ = 1_300;

describe('the first meeting', { concurrency: false }, () => {
  let house, browserOfAna, browserOfBen, ana, ben, viewer, convener, meeting;

  before(async () => {
    // The server goes on forwarding ciphertext to viewers in closed parts: what shuts them out must be the keys.
    house = await openHouse({ flags: ['--keep-gallery-routed'] });
    [browserOfAna, browserOfBen] = await Promise.all([launch({ tone: ANA_HZ }), launch({ tone: BEN_HZ })]);
    ana = await person(browserOfAna);
    ben = await person(browserOfBen);
    viewer = await person(browserOfBen);
    convener = await person(browserOfAna);
  });
  after(async () => {
    await Promise.all([browserOfAna?.close(), browserOfBen?.close()]);
    await house?.close();
  });

  test('somebody with the house key convenes it through the form', async () => {
    meeting = await convene(convener, house.convene);
    assert.equal(meeting.links.length, 2);
    for (const link of meeting.links) assert.match(link, /\/m\/[\w-]{43}\/join#[\w-]{40,}$/);
    await shot(convener, '01-convened');
    await viewer.goto(meeting.open);
    await viewer.getByRole('heading', { name: TITLE }).waitFor();
    assert.equal(await lampOf(viewer), 'convened');
    await shot(viewer, '02-public-before');
  });

  test('both sides join; the secret leaves the address bar', async () => {
    await join(ana, meeting.links[0], 'Elena Marsh');
    await lampBecomes(ana, 'closed');
    assert.equal(new URL(ana.url()).hash, '');
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await lampBecomes(ben, 'closed');
    await ana.getByText('Tomas Iversen').first().waitFor();
  });

  test('they see and hear each other in closed session', async () => {
    await Promise.all([sees(ana), sees(ben)]);
    await hears(ben, ANA_HZ);
    await hears(ana, BEN_HZ);
    assert.equal(await lampOf(ana), 'closed');
    await shot(ana, '03-room-closed');
  });

  test('both screens show the same code', async () => {
    const code = (page) => page.locator('[data-code]').innerText();
    await until(async () => (await code(ana)) === (await code(ben)), { what: 'the same code on both screens' });
    assert.match((await code(ana)).replace(/\s/g, ''), /^\d{30}$/);
  });

  test('the public page says that they are in closed session', async () => {
    await lampBecomes(viewer, 'closed');
    await viewer.getByRole('heading', { name: /In closed session since \d\d:\d\d/ }).waitFor();
    assert.equal(await viewer.locator('video').count(), 0);
  });

  test('one side moves to open, and a stray Enter of the other does not open', async () => {
    await moveToOpen(ana);
    await ben.locator('dialog').waitFor();
    assert.match(await ben.locator('dialog').innerText(), /Elena Marsh \(Republic of Ardania\) moves to open/);
    await shot(ben, '04-consent');
    assert.equal(await ben.evaluate(() => document.activeElement?.textContent), 'Keep the doors closed');
    await ben.keyboard.press('Tab');
    await ben.keyboard.press('Enter');
    assert.equal(await ben.locator('dialog').count(), 1);
    assert.equal(await lampOf(ben), 'closed');
  });

  test('the other side agrees, and all three pages say open', async () => {
    await deliberately(ben, 'Agree to open');
    await Promise.all([lampBecomes(ana, 'open'), lampBecomes(ben, 'open'), lampBecomes(viewer, 'open')]);
    await viewer.getByRole('button', { name: 'Watch and listen' }).click();
  });

  test('the public sees and hears both, live', async () => {
    await sees(viewer, 40);
    await until(async () => (await viewer.locator('.tiles video').count()) === 2, { what: 'two pictures' });
    for (const side of SIDES) await viewer.locator('.tiles').getByText(side).waitFor();
    await viewer.locator('.tiles').getByText('Elena Marsh').waitFor();
    // Both tones at once: the louder one wins, so they are muted in turn.
    await ana.click('[data-do=mute]');
    await hears(viewer, BEN_HZ);
    const [silent, speaking] = await Promise.all([soundsSent(ana), soundsSent(ben)]);
    assert.ok(silent > 0 && silent < 25, `whoever is silent sends next to nothing: ${silent} packets in two seconds`);
    assert.ok(speaking > 70, `whoever is not sends on: ${speaking} packets in two seconds`);
    await ana.keyboard.press('m');
    await ben.keyboard.press('M');
    await hears(viewer, ANA_HZ);
    await ben.keyboard.press('m');
    await Promise.all([sees(ana), sees(ben)]);
    await shot(viewer, '05-public-open');
    await shot(ana, '06-room-open');
  });

  test('after the close the public decodes nothing more, though ciphertext still arrives', async () => {
    await ben.click('[data-do=close]');
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed'), lampBecomes(viewer, 'closed')]);
    const atClose = await received(viewer);
    await Promise.all([sees(ana, 60), sees(ben, 60)]);
    const later = await received(viewer);
    assert.ok(later.packets > atClose.packets + 50, `ciphertext goes on: ${atClose.packets} to ${later.packets}`);
    assert.equal(later.frames, atClose.frames, 'pictures decoded by the public after the close');
    const heard = await pitch(viewer);
    assert.ok(!near(heard, ANA_HZ) && !near(heard, BEN_HZ), `the public hears ${heard} Hz`);
    await hears(ben, ANA_HZ);
    await hears(ana, BEN_HZ);
  });

  test('the public page says since when, for which item and on what ground', async () => {
    await viewer.getByRole('heading', { name: /In closed session since \d\d:\d\d/ }).waitFor();
    const text = await viewer.locator('main').innerText();
    assert.ok(text.includes(CLOSED_ITEM) && text.includes(GROUND), text);
    await shot(viewer, '07-public-closed');
  });

  test('they adjourn; the public page says how long it lasted and how much was open', async () => {
    await ana.click('[data-do=adjourn]');
    await deliberately(ana, 'Adjourn for everybody');
    await Promise.all([lampBecomes(ana, 'adjourned'), lampBecomes(ben, 'adjourned'), lampBecomes(viewer, 'adjourned')]);
    await viewer.getByText(/It lasted .+ of that were in public/).waitFor();
    await shot(viewer, '08-public-adjourned');
    await ben.getByRole('heading', { name: 'The meeting is adjourned' }).waitFor();
  });

  test('both browsers have countersigned the whole record, and it holds', async () => {
    const verified = async () => {
      const report = await verify(meeting.open);
      assert.deepEqual(report.problems, []);
      return report;
    };
    const countersigned = async () => {
      const report = await verified();
      const ends = report.cosigned.filter(({ entries }) => entries === report.entries);
      const names = ends.map(({ name }) => name).sort();
      return report.covered === report.entries && names.join() === 'Elena Marsh,Tomas Iversen' && report;
    };
    const report = await until(countersigned, { what: 'both have countersigned everything', every: 500 });
    assert.deepEqual(report.parts.map(({ phase }) => phase), ['closed', 'open', 'closed']);
  });

  test('the schedule lists it', async () => {
    await viewer.goto(house.url);
    await viewer.getByRole('link', { name: TITLE }).waitFor();
    await shot(viewer, '09-schedule');
  });

  test('no page complained', () => noComplaints([ana, ben, viewer, convener]));
});
