// What somebody types is seen while they type it, by those in the room and by nobody else, and is one message in the end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { fits } from './support/fits.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, join, lampBecomes, moveToOpen, noComplaints, person } from './support/people.mjs';
import { usable } from './support/usable.mjs';

const PHONE = { width: 360, height: 740 };
const SMALL = { width: 320, height: 640 };
const DESK = { width: 1280, height: 800 };
const SECOND_MS = 1_000;

describe('what is typed live', { concurrency: false }, () => {
  let house, browser, elena, tomas, convener, meeting;

  const field = (page) => page.locator('#chat-draft');
  const line = (page) => page.locator('[data-line] .text > span');
  const texts = (page) => page.locator('[data-message] .text').allInnerTexts();
  const gone = (page) => until(async () => (await page.locator('[data-typed]').count()) === 0, { what: 'no line' });
  const reads = (page, expected) => until(async () => (await line(page).allInnerTexts()).join('|') === expected, { what: expected, every: 20 });

  before(async () => {
    [house, browser] = await Promise.all([openHouse(), launch({ crowded: true })]);
    [elena, tomas, convener] = await Promise.all([0, 1, 2].map(() => person(browser, { bypassCSP: true })));
    meeting = await convene(convener, house.convene);
    await join(elena, meeting.links[0], 'Elena Marsh');
    await join(tomas, meeting.links[1], 'Tomas Iversen');
    await Promise.all([lampBecomes(elena, 'closed'), lampBecomes(tomas, 'closed')]);
    await elena.click('[data-do=chat]');
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('nobody sees what is typed unless that was turned on', async () => {
    await field(elena).pressSequentially('Not yet.');
    await elena.keyboard.press('Enter');
    await tomas.locator('[data-unread="1"]').waitFor();
    assert.equal(await tomas.locator('[data-typed]').count(), 0);
  });

  test('each letter is seen within a second, with the list shut, and a screen reader is told of none', async () => {
    await elena.locator('[data-do=type-live]').check();
    await field(elena).focus();
    const late = [];
    let so_far = '';
    for (const word of ['Can', ' we', ' take', ' the', ' customs', ' item', ' first?']) {
      await elena.keyboard.type(word, { delay: 40 });
      so_far += word;
      const typed = Date.now();
      await reads(tomas, so_far);
      late.push(Date.now() - typed);
    }
    console.log(`letters were seen ${late} ms after they were typed`);
    assert.ok(Math.max(...late) < SECOND_MS, `${late}`);
    assert.match(await tomas.locator('[data-line]').innerText(), /Elena Marsh/);
    assert.equal(await tomas.locator('[data-typed]').getAttribute('aria-live'), 'off');
    assert.equal(/customs/.test(await tomas.locator('[data-said]').innerText()), false);
    assert.equal(await elena.locator('[data-typed]').count(), 0, 'nobody is shown their own');
    for (const [name, viewport] of [['360', PHONE], ['1280', DESK]]) {
      for (const colorScheme of ['light', 'dark']) {
        await tomas.setViewportSize(viewport);
        await tomas.emulateMedia({ colorScheme });
        await usable(tomas, `a line at ${name}, ${colorScheme}`);
        await fits(tomas, `a line at ${name}`);
        await shot(tomas, `74-typed-${name}-${colorScheme}`);
      }
    }
    await tomas.emulateMedia({ colorScheme: 'light' });
    await usable(elena, 'typing live');
    await shot(elena, '75-typing');
  });

  test('Enter makes one message of it, which is announced whole', async () => {
    await elena.keyboard.press('Enter');
    await gone(tomas);
    await tomas.locator('[data-unread="2"]').waitFor();
    assert.match(await tomas.locator('[data-said]').innerText(), /Message from Elena Marsh: Can we take the customs item first\?/);
    await tomas.click('[data-do=chat]');
    const both = ['Not yet.', 'Can we take the customs item first?'];
    await until(async () => JSON.stringify(await texts(tomas)) === JSON.stringify(both), { what: 'one message' });
    assert.deepEqual(await texts(elena), both);
    assert.equal(await tomas.locator('.missing').count(), 0);
  });

  test('it is read as text, in its own direction, and in one line, whoever writes', async () => {
    await tomas.locator('[data-do=type-live]').check();
    await field(tomas).fill('<b>نعم</b>، من الصفحة 3');
    await reads(elena, '<b>نعم</b>، من الصفحة 3');
    await field(tomas).fill('نعم، من الصفحة 3');
    await reads(elena, 'نعم، من الصفحة 3');
    assert.equal(await line(elena).evaluate((it) => getComputedStyle(it).direction), 'rtl');
    // In a page that runs that way too, on the smallest screen, with the list of messages open, and in the reader's own colours.
    await elena.selectOption('.language', 'ar');
    await until(() => elena.evaluate(() => document.documentElement.dir === 'rtl'), { what: 'from right to left' });
    for (const [name, viewport] of [['1280', DESK], ['320', SMALL]]) {
      await elena.setViewportSize(viewport);
      await fits(elena, `a line from right to left at ${name}`);
      await usable(elena, `a line from right to left at ${name}`);
      await shot(elena, `76-typed-rtl-${name}`);
    }
    await elena.locator('[data-do=type-live]').scrollIntoViewIfNeeded();
    await elena.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' });
    await shot(elena, '76-typed-rtl-forced');
    await elena.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
    await elena.selectOption('.language', 'en');
    await elena.setViewportSize(DESK);
    const long = 'one two three four five six seven eight nine ten '.repeat(20).trim();
    await field(tomas).fill(`${long}\n\n\nand the end`);
    await until(async () => (await line(elena).innerText()).endsWith('and the end'), { what: 'the end of a long one' });
    assert.match(await line(elena).innerText(), /^….*ten {3,4}and the end$/);
    assert.ok((await elena.locator('[data-line]').boundingBox()).height < 100);
    await shot(elena, '77-typed-long');
  });

  test('who switches it off is seen no more', async () => {
    await tomas.locator('[data-do=type-live]').uncheck();
    await gone(elena);
    await field(tomas).fill('Between ourselves.');
    await elena.waitForTimeout(2 * SECOND_MS);
    assert.equal(await elena.locator('[data-typed]').count(), 0);
    await field(tomas).fill('');
  });

  test('who comes back while somebody types sees the line', async () => {
    await field(elena).fill('Let us wait for him');
    await reads(tomas, 'Let us wait for him');
    await tomas.reload();
    await tomas.getByRole('button', { name: 'Return to the meeting' }).click();
    await lampBecomes(tomas, 'closed');
    await reads(tomas, 'Let us wait for him');
    await field(elena).fill('');
    await gone(tomas);
  });

  test('what is written stays in sight for whoever wants it, in full screen too', async () => {
    await tomas.click('[data-do=captions]');
    const kept = tomas.locator('[data-kept]');
    await kept.waitFor();
    await field(elena).fill('It is article four.');
    await reads(tomas, 'It is article four.');
    await field(elena).press('Enter');
    await until(async () => (await line(tomas).allInnerTexts()).at(-1) === 'It is article four.', { what: 'it stays' });
    await tomas.locator('[data-typed="0"]').waitFor();
    for (const [name, viewport] of [['360', PHONE], ['1280', DESK]]) {
      await tomas.setViewportSize(viewport);
      await fits(tomas, `what is kept in sight at ${name}`);
      await usable(tomas, `what is kept in sight at ${name}`);
      await shot(tomas, `79-kept-${name}`);
    }
    await tomas.click('[data-do=full]');
    await until(() => tomas.evaluate(() => document.fullscreenElement?.contains(document.querySelector('[data-kept]'))), { what: 'in full screen' });
    await tomas.click('[data-do=full]');
    await until(() => tomas.evaluate(() => document.fullscreenElement === null), { what: 'the page is back' });
    await tomas.click('[data-do=captions]');
    await kept.waitFor({ state: 'detached' });
  });

  test('it ends with the part, and its writer is told', async () => {
    await field(elena).pressSequentially('Behind closed doors');
    await reads(tomas, 'Behind closed doors');
    await moveToOpen(elena);
    await deliberately(tomas, 'Agree to open');
    await Promise.all([lampBecomes(elena, 'open'), lampBecomes(tomas, 'open')]);
    await gone(tomas);
    await elena.locator('[data-live=ended]').waitFor();
    assert.equal(await elena.locator('[data-do=type-live]').isChecked(), false);
    await field(elena).pressSequentially(' we said');
    await tomas.waitForTimeout(2 * SECOND_MS);
    assert.equal(await tomas.locator('[data-typed]').count(), 0);
    await shot(elena, '78-typed-ended');
    await tomas.click('[data-do=chat]');
    assert.equal((await texts(tomas)).length, 1, 'what was written since he came back');
  });

  test('who leaves leaves no line behind', async () => {
    await elena.locator('[data-do=type-live]').check();
    await reads(tomas, 'Behind closed doors we said');
    await elena.click('[data-do=leave]');
    await gone(tomas);
  });

  test('no page complained', () => noComplaints([elena, tomas]));
});
