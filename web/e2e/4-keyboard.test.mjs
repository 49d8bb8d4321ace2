// A meeting is convened without a pointer and the floor is given; and what no stray key and no double click can do. The rest of a
// meeting by keyboard alone is in 6-keyboard.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { CLOSED_ITEM, GROUND, lampBecomes, lampOf, noComplaints, person, sees, SIDES, shownLink, TITLE } from './support/people.mjs';

/** Every page has fewer stops than this. */
const STOPS_MAX = 90;
/** Longer than a confirmation must be held; and than it takes to be read, before which no key counts. */
const HELD_MS = 1_500;
const READ_MS = 1_000;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Goes on by Tab until the focus is on what the selector or the name says, and can be seen there. */
async function goTo(page, wanted) {
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(({ selector, name }) => {
      const here = document.activeElement;
      const labels = [...(here.labels ?? [])].map((label) => label.textContent);
      const names = [here.getAttribute('aria-label'), ...labels, here.textContent].map((text) => text?.replace(/\s+/g, ' ').trim());
      const style = getComputedStyle(here);
      const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
      return { found: selector ? here.matches(selector) : names.includes(name), seen, html: here.outerHTML.slice(0, 160) };
    }, wanted);
    if (!at.found) continue;
    assert.ok(at.seen, `the focus cannot be seen: ${at.html}`);
    return;
  }
  throw new Error(`Tab never came to ${JSON.stringify(wanted)}`);
}

const press = async (page, wanted, key = 'Enter') => {
  await goTo(page, wanted);
  await page.keyboard.press(key);
};
const type = async (page, wanted, text) => {
  await goTo(page, wanted);
  await page.keyboard.type(text);
};
async function hold(page, wanted) {
  await goTo(page, wanted);
  await wait(READ_MS);
  await page.keyboard.down('Enter');
  await wait(HELD_MS);
  await page.keyboard.up('Enter');
}
/** Of the radios that come next, the one with that name. */
async function choose(page, item, name) {
  const wanted = page.locator('.item').nth(item).getByRole('radio', { name });
  await page.keyboard.press('Tab');
  for (let turn = 0; turn < 2 && !(await wanted.isChecked()); turn += 1) await page.keyboard.press('ArrowRight');
  assert.ok(await wanted.isChecked(), name);
}
const isSaid = (page, sentence) =>
  until(async () => (await page.locator('[data-said]').innerText()) === sentence, { what: `said: ${sentence}` });

describe('convened by keyboard alone', { concurrency: false }, () => {
  let house, browser, convener, ana, ben, links;

  before(async () => {
    [house, browser] = await Promise.all([openHouse(), launch()]);
    [convener, ana, ben] = await Promise.all([0, 1, 2].map(() => person(browser)));
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('a meeting is convened', async () => {
    await convener.goto(house.convene);
    await type(convener, { name: 'Title of the meeting' }, TITLE);
    for (const [at, side] of SIDES.entries()) await type(convener, { name: `Name of delegation ${at + 1}` }, side);
    await type(convener, { name: 'Item 1' }, 'Opening statements');
    await choose(convener, 0, 'In public');
    await type(convener, { name: 'Item 2' }, CLOSED_ITEM);
    await choose(convener, 1, 'In closed session');
    await type(convener, { name: 'Ground for excluding the public' }, GROUND);
    await press(convener, { name: 'Convene' });
    await convener.waitForSelector('[data-link]');
    links = [];
    for (const side of SIDES) links.push(await shownLink(convener, `Link for ${side}`, side));
  });

  test('both come in', async () => {
    for (const [page, link, name] of [[ana, links[0], 'Elena Marsh'], [ben, links[1], 'Tomas Iversen']]) {
      await page.goto(link);
      await page.waitForSelector('.preview video');
      await type(page, { selector: '#name' }, name);
      await press(page, { name: 'Join the meeting' });
      await lampBecomes(page, 'closed');
    }
    await Promise.all([sees(ana), sees(ben)]);
    assert.equal(await ana.getAttribute('[data-said]', 'aria-live'), 'assertive');
  });

  test('one raises a hand and the other gives the floor', async () => {
    await ben.keyboard.press('h');
    await isSaid(ana, 'Tomas Iversen raises a hand.');
    if ((await ana.locator('[data-do=details]').getAttribute('aria-pressed')) === 'false') {
      await press(ana, { selector: '[data-do=details]' });
    }
    await press(ana, { name: 'Give the floor to Tomas Iversen' });
    await isSaid(ben, 'You have the floor.');
  });

  test('whatever is pressed or clicked as the question appears, nobody has agreed', async () => {
    // As fast as anything can be: while the dialog comes into the page.
    await ben.evaluate(() => {
      new MutationObserver((_, observer) => {
        const agree = document.querySelector('dialog .consent');
        if (!agree) return;
        observer.disconnect();
        for (const click of [1, 2]) agree.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: click }));
        agree.dispatchEvent(new MouseEvent('dblclick', { bubbles: true, detail: 2 }));
        window.clickedTwice = true;
      }).observe(document.body, { childList: true, subtree: true });
    });
    await press(ana, { selector: '[data-do=open]' });
    await ana.locator('dialog').waitFor();
    await hold(ana, { name: 'Move to open' });
    await ben.locator('dialog').waitFor();
    await until(() => ben.evaluate(() => window.clickedTwice === true), { what: 'the double click' });
    assert.equal(await ben.evaluate(() => document.activeElement?.textContent), 'Keep the doors closed');
    await goTo(ben, { name: 'Agree to open' });
    for (let time = 0; time < 5; time += 1) await ben.keyboard.press(time % 2 === 0 ? 'Enter' : 'Space');
    await shot(ben, 'keyboard-consent');
    await wait(1_500);
    assert.equal(await ben.locator('dialog').count(), 1);
    assert.equal(await lampOf(ben), 'closed');
    assert.equal(await lampOf(ana), 'closed');
  });

  test('a key that is held agrees', async () => {
    await hold(ben, { name: 'Agree to open' });
    await Promise.all([lampBecomes(ana, 'open'), lampBecomes(ben, 'open')]);
  });

  test('no page complained', () => noComplaints([convener, ana, ben]));
});
