// A whole meeting by keyboard alone: each thing is reached with Tab, is seen when it is, and what happens is said to whoever does not
// see it. What publishes is not done by a key that was meant for something else.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, until } from './support/browser.mjs';
import { focusIsSeen } from './support/fits.mjs';
import { openHouse } from './support/house.mjs';
import { convene, join, lampBecomes, lampOf, noComplaints, person, SIDES, TITLE } from './support/people.mjs';

/** More stops than any page has. */
const STOPS_MAX = 80;
/** Longer than `HOLD_MS`. */
const HELD_MS = 1_300;

describe('by keyboard alone', { concurrency: false }, () => {
  let house, browser, ana, ben, convener, meeting;

  /** Goes on with Tab until this has the focus. */
  async function reach(page, selector) {
    for (let n = 0; n < STOPS_MAX; n += 1) {
      await page.keyboard.press('Tab');
      const there = await page.evaluate((of) => document.activeElement?.matches(of) ?? false, selector);
      if (!there) continue;
      await focusIsSeen(page, 0, selector);
      return;
    }
    throw new Error(`${selector} is not reached`);
  }
  const press = async (page, selector) => {
    await reach(page, selector);
    await page.keyboard.press('Enter');
  };
  const hold = async (page, key) => {
    await page.keyboard.down(key);
    await page.waitForTimeout(HELD_MS);
    await page.keyboard.up(key);
  };
  const said = (page, what) =>
    until(async () => what.test(await page.locator('[data-said]').textContent()), { what: `${what} is said` });
  const icon = (page) => page.evaluate(() => document.querySelector('link[rel=icon]').href);

  before(async () => {
    [house, browser] = await Promise.all([openHouse(), launch()]);
    [ana, ben, convener] = await Promise.all([{ reducedMotion: 'reduce' }, {}, {}].map((it) => person(browser, it)));
    meeting = await convene(convener, house.convene);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('a link is opened, a name is written, and one is in', async () => {
    await ana.goto(meeting.links[0]);
    await ana.waitForSelector('.preview video');
    await reach(ana, '#name');
    await ana.keyboard.type('Elena Marsh');
    await focusIsSeen(ana, 6, 'the device check');
    await press(ana, '.go button');
    await lampBecomes(ana, 'closed');
    await said(ana, /^Closed\. /);
  });

  test('who comes is said, and the tab shows the state as word and shape', async () => {
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await lampBecomes(ben, 'closed');
    await said(ana, new RegExp(`Tomas Iversen, ${SIDES[1]}, has joined`));
    assert.match(await ana.title(), /^Closed/);
    assert.match(await icon(ana), /^data:image\/svg/);
  });

  test('microphone, camera and hand have keys, which rest while one writes', async () => {
    const muted = () => ana.evaluate(() => window.connections.at(-1).getSenders()[0].track?.enabled === false);
    await ana.keyboard.press('m');
    await said(ana, /Microphone off/);
    assert.equal(await muted(), true);
    await press(ana, '[data-do=chat]');
    await reach(ana, '#chat-draft');
    await ana.keyboard.type('mmm');
    assert.equal(await muted(), true);
    await ana.keyboard.press('Enter');
    await said(ben, /Message from Elena Marsh: mmm/);
    await press(ana, '[data-do=chat]');
    await ana.keyboard.press('m');
    await said(ana, /Microphone on/);
    await ana.keyboard.press('h');
    await said(ben, /Elena Marsh raises a hand/);
    await focusIsSeen(ana, 20, 'the room');
  });

  test('opening is meant: held, and not pressed', async () => {
    const closedIcon = await icon(ana);
    await press(ana, '[data-do=open]');
    await ana.locator('dialog').waitFor();
    assert.equal(await ana.evaluate(() => document.querySelector('dialog').getAnimations().length), 0, 'nothing moves for whoever wants that');
    await reach(ana, 'dialog .consent');
    await ana.keyboard.press('Enter');
    assert.equal(await ana.locator('dialog').count(), 1);
    await ana.waitForTimeout(HELD_MS);
    await hold(ana, 'Enter');
    await ana.locator('dialog').waitFor({ state: 'detached' });

    const consent = ben.locator('dialog .consent');
    await consent.waitFor();
    // Two quick clicks where it has just come up: see 4-keyboard.
    await said(ben, /Elena Marsh moves to open the meeting to the public/);
    assert.equal(await lampOf(ben), 'closed');
    assert.equal(await ben.locator('dialog').count(), 1);
    for (const key of ['Enter', 'Space', 'm', 'y']) await ben.keyboard.press(key);
    assert.equal(await lampOf(ben), 'closed');
    assert.equal(await ana.title().then((title) => title.includes(TITLE)), true);
    if ((await ben.locator('dialog').count()) === 0) await press(ben, '.notes button');
    await reach(ben, 'dialog .consent');
    await ben.waitForTimeout(HELD_MS);
    await hold(ben, ' ');
    await lampBecomes(ana, 'open');
    await said(ana, /^Open\. /);
    assert.match(await ana.title(), /^Open/);
    assert.notEqual(await icon(ana), closedIcon);
  });

  test('closing takes one key, and the end two deeds', async () => {
    await press(ana, '[data-do=close]');
    await Promise.all([ana, ben].map((page) => lampBecomes(page, 'closed')));
    await said(ben, /^Closed\. /);
    await press(ben, '[data-do=adjourn]');
    await ben.locator('dialog').waitFor();
    await ben.keyboard.press('Escape');
    await ben.locator('dialog').waitFor({ state: 'detached' });
    await press(ben, '[data-do=adjourn]');
    await reach(ben, 'dialog .consent');
    await ben.waitForTimeout(HELD_MS);
    await hold(ben, 'Enter');
    await Promise.all([ana, ben].map((page) => lampBecomes(page, 'adjourned')));
    assert.match(await ana.title(), /^Adjourned/);
  });

  test('no page complained', () => noComplaints([ana, ben, convener]));
});
