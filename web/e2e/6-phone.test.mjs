// On a telephone: everything fits under a thumb, and the screen stays on as long as its holder is in the meeting.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { fits } from './support/fits.mjs';
import { openHouse } from './support/house.mjs';
import { convene, join, lampBecomes, noComplaints, person } from './support/people.mjs';
import { usable } from './support/usable.mjs';

const PHONE = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

describe('on a telephone', { concurrency: false }, () => {
  let house, browser, phone, other, meeting;

  const locks = () => phone.evaluate(() => window.locks.filter(({ released }) => !released).length);

  before(async () => {
    house = await openHouse();
    browser = await launch();
    other = await person(browser);
    meeting = await convene(other, house.convene);
    phone = await person(browser, { bypassCSP: true, ...PHONE });
    await phone.addInitScript(() => {
      window.microphones = [];
      const take = MediaDevices.prototype.getUserMedia;
      MediaDevices.prototype.getUserMedia = async function (...what) {
        const stream = await take.apply(this, what);
        window.microphones.push(...stream.getAudioTracks());
        return stream;
      };
      window.locks = [];
      const ask = WakeLock.prototype.request;
      WakeLock.prototype.request = async function (...which) {
        const lock = await ask.apply(this, which);
        window.locks.push(lock);
        return lock;
      };
    });
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('the device check fits', async () => {
    await phone.goto(meeting.links[0]);
    await phone.waitForSelector('.preview video');
    await fits(phone, 'the device check');
    assert.equal(await locks(), 0, 'nothing is kept on before the meeting');
  });

  test('in the room the screen stays on, and everything is under a thumb', async () => {
    await join(phone, meeting.links[0], 'Elena Marsh');
    await lampBecomes(phone, 'closed');
    await join(other, meeting.links[1], 'Tomas Iversen');
    await lampBecomes(other, 'closed');
    await until(async () => (await locks()) === 1, { what: 'the screen is kept on' });
    for (const beside of [undefined, 'details', 'chat', 'equipment']) {
      if (beside) await phone.tap(`[data-do=${beside}]`);
      await fits(phone, `the room with ${beside ?? 'pictures'}`);
      await usable(phone, `the room with ${beside ?? 'pictures'}`);
      await shot(phone, `phone-${beside ?? 'room'}`);
    }
  });

  test('sound that a telephone call has paused comes back by itself', async () => {
    const paused = () => phone.locator('audio').evaluateAll((all) => all.map((it) => it.paused));
    await until(async () => (await paused()).includes(false), { what: 'sound plays' });
    const before = await paused();
    await phone.locator('audio').evaluateAll((all) => all.forEach((it) => it.pause()));
    await until(async () => (await paused()).join() === before.join(), { what: 'sound plays again' });
  });

  test('a microphone that another app holds is said, until it is back', async () => {
    const note = phone.locator('[data-held]');
    assert.equal(await note.count(), 0);
    const turn = (muted) =>
      phone.evaluate((is) => {
        const track = window.microphones.at(-1);
        Object.defineProperty(track, 'muted', { configurable: true, get: () => is });
        track.dispatchEvent(new Event(is ? 'mute' : 'unmute'));
      }, muted);
    await turn(true);
    await note.waitFor();
    await fits(phone, 'the note of a microphone that is held');
    await turn(false);
    await note.waitFor({ state: 'detached' });
    const taken = await phone.evaluate(() => window.microphones.length);
    await turn(true);
    await note.waitFor();
    await phone.evaluate(() => {
      const track = window.microphones.at(-1);
      track.stop();
      track.dispatchEvent(new Event('ended'));
    });
    await until(() => phone.evaluate((n) => window.microphones.length > n && window.microphones.at(-1).readyState === 'live', taken), {
      what: 'the microphone is taken anew',
    });
    await note.waitFor({ state: 'detached' });
  });

  test('the screen may sleep once its holder has left', async () => {
    await phone.tap('[data-do=leave]');
    await until(async () => (await locks()) === 0, { what: 'the screen may sleep' });
  });

  test('no page complained', () => noComplaints([phone, other]));
});
