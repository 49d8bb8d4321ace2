// The story of the first meeting with one side in Firefox and the other in Chromium, and the public in Firefox. What is
// sealed in one browser must be opened in the other, both ways.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { networkInterfaces } from 'node:os';
import { launch, shot, until } from './support/browser.mjs';
import { joinInFirefox, lampInFirefox, launchFirefox, personInFirefox, press, shotInFirefox } from './support/firefox.mjs';
import { openHouse, verify } from './support/house.mjs';
import { convene, deliberately, hears, join, lampBecomes, moveToOpen, noComplaints, person, received, sees } from './support/people.mjs';

const ANA_HZ = 700;
const BEN_HZ = 1_300;

describe('the first meeting, with one side in Firefox', { concurrency: false }, () => {
  let house, firefox, chromium, ana, ben, viewer, convener, meeting;
  const lampOfFirefox = (page, lamp) =>
    until(async () => (await lampInFirefox(page)) === lamp, { what: `the lamp in Firefox says ${lamp}` });

  /** Without a loudspeaker Firefox analyses no sound; what it decodes can be asked for its energy. */
  async function hearsSomething(page) {
    const { energy } = await received(page);
    await until(async () => (await received(page)).energy > energy + 0.02, { what: 'sound in Firefox' });
  }

  before(async () => {
    // Firefox pairs no address of its own with a loopback one: media goes over another of this machine's.
    const [address] = Object.values(networkInterfaces()).flat().filter((it) => it.family === 'IPv4' && !it.internal);
    assert.ok(address, 'this machine has no address beside the loopback one');
    house = await openHouse({
      listen: '0.0.0.0:0',
      flags: ['--keep-gallery-routed', '--advertise', address.address],
    });
    [firefox, chromium] = await Promise.all([launchFirefox({ tone: ANA_HZ }), launch({ tone: BEN_HZ })]);
    ana = await personInFirefox(firefox);
    viewer = await personInFirefox(firefox);
    ben = await person(chromium);
    convener = await person(chromium);
    meeting = await convene(convener, house.convene);
  });
  after(async () => {
    await Promise.all([firefox?.close(), chromium?.close()]);
    await house?.close();
  });

  test('both join, each in their browser', async () => {
    await joinInFirefox(ana, meeting.links[0], 'Elena Marsh');
    await lampOfFirefox(ana, 'closed');
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await lampBecomes(ben, 'closed');
  });

  test('they see and hear each other in closed session', async () => {
    await Promise.all([sees(ana, 30), sees(ben, 30)]);
    await hears(ben, ANA_HZ);
    await hearsSomething(ana);
    await shotInFirefox(ana, '20-firefox-room-closed');
  });

  test('Chromium moves to open and Firefox agrees; the public sees and hears it in Firefox', async () => {
    await viewer.goto(meeting.open);
    await lampOfFirefox(viewer, 'closed');
    await moveToOpen(ben);
    await ana.waitForSelector('dialog');
    await shotInFirefox(ana, '21-firefox-consent');
    await until(
      async () => {
        await press(ana, 'Agree to open').catch(() => undefined);
        return (await lampInFirefox(ana)) === 'open';
      },
      { what: 'Firefox agrees', every: 300 },
    );
    await Promise.all([lampBecomes(ben, 'open'), lampOfFirefox(viewer, 'open')]);
    await press(viewer, 'Watch and listen');
    await sees(viewer, 40);
    await hearsSomething(viewer);
    await shotInFirefox(viewer, '22-firefox-public-open');
  });

  test('after the close the public decodes nothing more in Firefox, though ciphertext still arrives', async () => {
    await ana.locator('[data-do=close]').click();
    await Promise.all([lampBecomes(ben, 'closed'), lampOfFirefox(ana, 'closed'), lampOfFirefox(viewer, 'closed')]);
    const atClose = await received(viewer);
    await Promise.all([sees(ana, 60), sees(ben, 60)]);
    const later = await received(viewer);
    assert.ok(later.packets > atClose.packets + 50, `ciphertext goes on: ${atClose.packets} to ${later.packets}`);
    assert.equal(later.frames, atClose.frames, 'pictures decoded by the public after the close');
  });

  test('they adjourn, and the record holds', async () => {
    await ben.click('[data-do=adjourn]');
    await deliberately(ben, 'Adjourn for everybody');
    await Promise.all([lampBecomes(ben, 'adjourned'), lampOfFirefox(ana, 'adjourned'), lampOfFirefox(viewer, 'adjourned')]);
    await shot(ben, '23-chromium-adjourned');
    const report = await verify(meeting.open);
    assert.deepEqual(report.problems, []);
  });

  test('Firefox plays the recording of the open part, both sides together', async () => {
    const play = await viewer.waitForSelector('[data-do=play]');
    await play.click();
    const playing = () =>
      viewer.evaluate(() =>
        [...document.querySelectorAll('article video')].map((it) => ({
          at: it.currentTime,
          width: it.videoWidth,
          seconds: it.duration,
          fault: it.error?.message ?? '',
        })),
      );
    await until(
      async () => {
        const all = await playing();
        return all.length === 2 && all.every(({ at, width, fault }) => at > 1 && width > 0 && fault === '');
      },
      { what: 'both play in Firefox' },
    );
    const [one, other] = await playing();
    assert.ok(Math.abs(one.at - other.at) < 0.3, JSON.stringify([one, other]));
    await shotInFirefox(viewer, '24-firefox-recording');
  });

  test('no page complained', () => noComplaints([ana, ben, viewer, convener]));
});
