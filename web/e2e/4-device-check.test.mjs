// Each way in which a camera or a microphone can be missing: it is said what to do, and one comes in all the same.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { fits } from './support/fits.mjs';
import { openHouse } from './support/house.mjs';
import { convene, lampBecomes, noComplaints, person } from './support/people.mjs';
import { usable } from './support/usable.mjs';

/** What browsers throw, and a part of what the page says then. Of these Chromium has no other way to show. */
const WAYS = [
  ['NotAllowedError', 'Not this page but the computer', 'in the computer’s settings'],
  ['NotFoundError', 'was found', 'Connect one'],
  ['NotReadableError', 'Another program is using the', 'Close it'],
  ['UnknownError', 'could not be started', 'Unplug it'],
];

describe('the device check', { concurrency: false }, () => {
  let house, browser, bare, unasked, twice, meeting, page;

  before(async () => {
    [house, browser, bare, unasked, twice] = await Promise.all([
      openHouse(),
      launch(),
      launch({ devices: false }),
      // Nobody answers for the person what a page may use.
      launch({ answers: false }),
      // A second camera, and a microphone that is muted.
      launch({ tone: 0, flags: ['--use-fake-device-for-media-stream=device-count=2'] }),
    ]);
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
    await Promise.all([browser, bare, unasked, twice].map((it) => it?.close()));
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

  test('blocked for this page: the page says where it is allowed', async () => {
    const context = await unasked.newContext({ permissions: ['clipboard-read'] });
    const one = await context.newPage();
    await one.goto(meeting.links[0]);
    for (const kind of ['camera', 'microphone'])
      await one.locator('.fault').getByText(`The ${kind} is blocked for this page. Press the icon`).waitFor();
    await context.close();
  });

  test('the question closed without an answer: the page says that it may ask again', async () => {
    const one = await person(unasked);
    // Headless nobody can close it. What the page may do is as it is then: it may ask.
    await one.addInitScript(() => {
      MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException('Permission dismissed', 'NotAllowedError'));
    });
    await one.goto(meeting.links[0]);
    for (const kind of ['camera', 'microphone'])
      await one.locator('.fault').getByText(`may use the ${kind}, and there was no yes`).waitFor();
    noComplaints([one]);
  });

  test('a page without the means to ask says which browsers have them', async () => {
    const one = await person(browser);
    await one.addInitScript(() => Object.defineProperty(Navigator.prototype, 'mediaDevices', { get: () => undefined }));
    await one.goto(meeting.links[0]);
    for (const kind of ['camera', 'microphone']) await one.locator('.fault').getByText(`gives pages no ${kind}`).waitFor();
    noComplaints([one]);
  });

  test('the chosen camera is gone: trying again takes another', async () => {
    const one = await person(twice);
    await one.goto(meeting.links[0]);
    await one.waitForSelector('.preview video');
    await one.evaluate(() => {
      const take = navigator.mediaDevices.getUserMedia;
      let gone = true;
      navigator.mediaDevices.getUserMedia = function (what) {
        // The other one, and the one before, are gone for the time of this choice.
        if (gone && what.video?.deviceId) return Promise.reject(new OverconstrainedError('deviceId'));
        gone = false;
        return take.call(this, what);
      };
    });
    await one.locator('select[aria-label=Camera]').selectOption({ index: 2 });
    await one.locator('.fault').getByText('The chosen camera is no longer there').waitFor();
    await one.getByRole('button', { name: 'Try again' }).click();
    await one.waitForSelector('.preview video');
    assert.equal(await one.locator('select[aria-label=Camera]').inputValue(), '');
    noComplaints([one]);
  });

  test('a camera that is on and gives no picture, and a microphone that gives no sound, are told', async () => {
    const one = await person(twice);
    await one.goto(meeting.links[0]);
    await one.waitForSelector('.preview video');
    assert.equal(await one.locator('[data-still]').count(), 0);
    // A camera whose cover is shut, of which the browser has no fake: a track on which nothing is ever drawn.
    await one.evaluate(() => {
      const take = navigator.mediaDevices.getUserMedia;
      navigator.mediaDevices.getUserMedia = function (what) {
        if (!what.video?.deviceId) return take.call(this, what);
        const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
        return Promise.resolve(canvas.captureStream(0));
      };
    });
    await one.locator('select[aria-label=Camera]').selectOption({ index: 2 });
    await one.locator('[data-still]').getByText('no picture comes from it').waitFor();
    await one.locator('[data-silent]').getByText('Nothing has been heard').waitFor();
    await shot(one, '44-no-picture-no-sound');
    await one.locator('select[aria-label=Camera]').selectOption({ index: 0 });
    await one.locator('[data-still]').waitFor({ state: 'detached' });
    noComplaints([one]);
  });

  test('a microphone that is heard is not called silent', async () => {
    await page.getByText('Say a few words').waitFor();
    assert.equal(await page.locator('[data-silent]').count(), 0);
  });

  test('the loudspeaker that is chosen is unplugged: the page goes back to the browser’s own, and says so', async () => {
    const one = await person(browser);
    // Headless there are no loudspeakers: two are listed, until one is gone.
    await one.addInitScript(() => {
      window.speakers = ['headset', 'desk'];
      const list = MediaDevices.prototype.enumerateDevices;
      MediaDevices.prototype.enumerateDevices = async function () {
        const made = window.speakers.map((deviceId) => ({ deviceId, groupId: '', kind: 'audiooutput', label: deviceId }));
        return [...(await list.call(this)).filter(({ kind }) => kind !== 'audiooutput'), ...made];
      };
    });
    await one.goto(meeting.links[0]);
    const choice = one.locator('select[aria-label=Loudspeaker]');
    await choice.selectOption('headset');
    const change = () => one.evaluate(() => navigator.mediaDevices.dispatchEvent(new Event('devicechange')));
    await change();
    assert.equal(await choice.inputValue(), 'headset');
    await one.evaluate(() => (window.speakers = ['desk', 'other']));
    await change();
    await one.locator('[data-loudspeaker-gone]').getByText('no longer there').waitFor();
    assert.equal(await choice.inputValue(), '');
    await choice.selectOption('desk');
    await one.locator('[data-loudspeaker-gone]').waitFor({ state: 'detached' });
    noComplaints([one]);
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
