// Each way in which a camera or a microphone can be missing: it is said what to do, and one comes in all the same.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, until } from './support/browser.mjs';
import { fits } from './support/fits.mjs';
import { openHouse } from './support/house.mjs';
import { convene, lampBecomes, noComplaints, person } from './support/people.mjs';
import { usable } from './support/usable.mjs';

/** What browsers throw, and a part of what the page says then. */
const WAYS = [
  ['NotAllowedError', 'is blocked for this page', 'allow the'],
  ['NotFoundError', 'was found', 'Connect one'],
  ['NotReadableError', 'Another program is using the', 'Close it'],
  ['UnknownError', 'could not be started', 'Unplug it'],
];

describe('the device check', { concurrency: false }, () => {
  let house, browser, bare, meeting, page;

  before(async () => {
    [house, browser, bare] = await Promise.all([openHouse(), launch(), launch({ devices: false })]);
    const convener = await person(browser);
    meeting = await convene(convener, house.convene);
    page = await person(browser, { bypassCSP: true, viewport: { width: 360, height: 640 } });
    await page.addInitScript(() => {
      const take = MediaDevices.prototype.getUserMedia;
      MediaDevices.prototype.getUserMedia = function (...what) {
        return window.fault ? Promise.reject(new DOMException('', window.fault)) : take.apply(this, what);
      };
      window.fault = sessionStorage.getItem('fault');
    });
    await page.goto(meeting.links[0]);
    await page.waitForSelector('.preview video');
  });
  after(async () => {
    await Promise.all([browser, bare].map((it) => it?.close()));
    await house?.close();
  });

  for (const [fault, what, deed] of WAYS) {
    test(`${fault}: the page says what it is and what to do`, async () => {
      await page.evaluate((name) => sessionStorage.setItem('fault', name), fault);
      await page.reload();
      for (const kind of ['camera', 'microphone']) {
        const says = page.locator('.fault').filter({ hasText: kind });
        await says.waitFor();
        const text = await says.innerText();
        assert.ok(text.includes(what) && text.includes(deed), text);
        assert.equal(await says.getAttribute('role'), 'alert');
      }
      await page.getByText('You will join without camera and microphone').waitFor();
      await fits(page, fault);
      await usable(page, fault);
    });
  }

  test('once it is allowed, trying again is enough', async () => {
    await page.evaluate(() => (window.fault = undefined));
    for (const left of [1, 0]) {
      await page.getByRole('button', { name: 'Try again' }).first().click();
      await until(async () => (await page.locator('.fault').count()) === left, { what: `${left} faults are left` });
    }
    await page.waitForSelector('.preview video');
    assert.equal(await page.getByText('You will join without').count(), 0);
  });

  test('a machine that has neither comes in, sees and hears', async () => {
    const guest = await person(bare);
    await guest.goto(meeting.links[1]);
    await until(async () => (await guest.getByText('was found. Connect one').count()) === 2, { what: 'both are missing' });
    await guest.fill('#name', 'Tomas Iversen');
    await guest.getByRole('button', { name: 'Join the meeting' }).click();
    await lampBecomes(guest, 'closed');
    noComplaints([guest]);
  });

  test('no page complained', () => noComplaints([page]));
});
