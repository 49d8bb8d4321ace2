// At the table: another camera in the middle of the meeting, one that is unplugged, and who is shown how large.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, hears, join, joinByLetter, lampBecomes, makeKey, mint, noComplaints, person, sees } from './support/people.mjs';

const BEN_HZ = 1_300;

/** The track that a page sends: 0 is its microphone, 1 its camera. */
const sent = (page, stream) =>
  page.evaluate((stream) => {
    const { track } = window.connections.at(-1).getSenders()[stream];
    return track && { id: track.id, device: track.getSettings().deviceId, state: track.readyState, enabled: track.enabled };
  }, stream);

/** The device goes away under the page, as a browser tells it. */
const unplug = (page, stream) =>
  page.evaluate((stream) => {
    const { track } = window.connections.at(-1).getSenders()[stream];
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }, stream);

const large = (page) => page.locator('.larger > ul:first-child [data-tile]').evaluateAll((all) => all.map((it) => it.dataset.tile));

describe('at the table', { concurrency: false }, () => {
  let house, browserOfAna, browserOfBen, ana, ben, cid, desk;

  before(async () => {
    house = await openHouse();
    [browserOfAna, browserOfBen] = await Promise.all([
      launch({ tone: 700, flags: ['--use-fake-device-for-media-stream=device-count=2'] }),
      launch({ tone: BEN_HZ }),
    ]);
    [ana, ben, cid, desk] = await Promise.all([browserOfAna, browserOfBen, browserOfBen, browserOfBen].map((it) => person(it)));
    const meeting = await convene(desk, house.convene);
    await join(ana, meeting.links[0], 'Elena Marsh');
    await lampBecomes(ana, 'closed');
    await makeKey(desk, meeting.desks[1]);
    await joinByLetter(ben, await mint(desk, { name: 'Tomas Iversen', role: 'principal' }));
    await lampBecomes(ben, 'closed');
    await sees(ana);
  });
  after(async () => {
    await Promise.all([browserOfAna?.close(), browserOfBen?.close()]);
    await house?.close();
  });

  test('the two of a talk between two are equally large where there is room', async () => {
    await ana.click('[data-do=details]');
    const [own, other] = await Promise.all(
      ['.own', '[data-tile]'].map((where) => ana.locator(where).first().boundingBox()),
    );
    assert.ok(Math.abs(own.height - other.height) < 8 && Math.abs(own.width - other.width) < 8, JSON.stringify({ own, other }));
    await shot(ana, '40-two-alike');
  });

  test('another camera is taken in the middle of the meeting', async () => {
    const before = await sent(ana, 1);
    await ana.click('[data-do=equipment]');
    await shot(ana, '41-equipment');
    const choice = ana.getByLabel('Camera', { exact: true });
    const other = await choice.locator('option').evaluateAll(
      (all, used) => all.map(({ value }) => value).find((value) => value !== '' && value !== used),
      before.device,
    );
    await choice.selectOption(other);
    await until(async () => (await sent(ana, 1))?.device === other, { what: 'the other camera is sent' });
    // Chromium's second pretended camera films in a format that it cannot show without a graphics card; so back to the first.
    await choice.selectOption(before.device);
    await sees(ben, 20);
  });

  test('a camera that was turned off is not turned on by choosing another', async () => {
    await ana.click('[data-do=camera]');
    await ana.getByLabel('Camera', { exact: true }).selectOption('');
    await ana.waitForTimeout(500);
    assert.equal(await sent(ana, 1), null);
    await ana.click('[data-do=camera]');
    await sees(ben, 20);
  });

  test('a microphone that is unplugged is replaced by one that is there, and stays muted if it was', async () => {
    const before = await sent(ana, 0);
    await ana.click('[data-do=mute]');
    await unplug(ana, 0);
    await until(async () => ![undefined, null, before.id].includes((await sent(ana, 0))?.id), { what: 'another microphone' });
    assert.equal((await sent(ana, 0)).enabled, false);
    await ana.click('[data-do=mute]');
    await hears(ben, 700);
  });

  test('with none left the page says so, and takes the next that comes', async () => {
    await ana.click('[data-do=equipment]');
    await ana.evaluate(() => {
      window.asks = navigator.mediaDevices.getUserMedia;
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'));
    });
    await unplug(ana, 1);
    await ana.locator('[data-fault=camera]').getByText('No camera was found').waitFor();
    await shot(ana, '42-no-camera');
    await ana.evaluate(() => {
      navigator.mediaDevices.getUserMedia = window.asks;
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    });
    await ana.locator('[data-fault=camera]').waitFor({ state: 'detached' });
    await sees(ben, 20);
  });

  test('with three, one is kept large', async () => {
    await joinByLetter(cid, await mint(desk, { name: 'Vera Lindqvist', role: 'adviser' }));
    await ana.locator('[data-tile="Vera Lindqvist"] video').waitFor();
    await ana.getByRole('button', { name: 'Keep Vera Lindqvist large' }).click({ force: true });
    await until(async () => (await large(ana)).join() === 'Vera Lindqvist', { what: 'one picture is large' });
    await ana.locator('.strip [data-tile="Tomas Iversen"] video').waitFor();
    await sees(ana, 20);
    await shot(ana, '43-kept-large');
    await ana.getByRole('button', { name: 'Keep Vera Lindqvist large' }).click();
    await until(async () => (await large(ana)).length === 0, { what: 'all are alike again' });
  });

  test('whoever speaks is large, if that is wanted', async () => {
    await ana.click('[data-do=layout]');
    await ben.click('[data-do=mute]');
    await until(async () => (await large(ana)).join() === 'Vera Lindqvist', { what: 'she speaks' });
    await cid.click('[data-do=mute]');
    await ben.click('[data-do=mute]');
    await until(async () => (await large(ana)).join() === 'Tomas Iversen', { what: 'he speaks' });
    await cid.click('[data-do=mute]');
    await ana.setViewportSize({ width: 360, height: 640 });
    await shot(ana, '44-speaker-large-360');
    await ana.setViewportSize({ width: 1280, height: 800 });
  });

  test('the picture over other windows follows whoever speaks, and stays when the arrangement changes', async () => {
    const possible = await ana.evaluate(() => document.pictureInPictureEnabled);
    assert.ok(possible, 'this browser has pictures over other windows');
    await ana.click('[data-do=float]');
    await until(() => ana.evaluate(() => document.pictureInPictureElement !== null), { what: 'a picture over other windows' });
    const floats = () =>
      ana.evaluate(() => {
        const id = document.pictureInPictureElement?.srcObject?.getTracks()[0]?.id;
        const one = [...document.querySelectorAll('[data-tile] video')].find((it) => it.srcObject?.getTracks()[0]?.id === id);
        return one?.closest('[data-tile]').dataset.tile;
      });
    await ben.click('[data-do=mute]');
    await until(async () => (await floats()) === 'Vera Lindqvist', { what: 'she speaks' });
    // He has the floor's word alone again, and the arrangement changes under it.
    await ana.click('[data-do=layout]');
    await cid.click('[data-do=mute]');
    await ben.click('[data-do=mute]');
    await until(async () => (await floats()) === 'Tomas Iversen', { what: 'he speaks' });
    await ana.click('[data-do=layout]');
    assert.equal(await floats(), 'Tomas Iversen');
    await cid.click('[data-do=mute]');
    await ana.click('[data-do=float]');
    await until(() => ana.evaluate(() => document.pictureInPictureElement === null), { what: 'none any more' });
  });

  test('who loses much of what comes or goes is told so, in words, until that is over', async () => {
    // The line between them loses nothing; what the browser counts is what it would count on one that does.
    await ben.evaluate(() => {
      window.loses = [];
      for (const [of, type] of [['RTCRtpReceiver', 'inbound-rtp'], ['RTCRtpSender', 'remote-inbound-rtp']]) {
        const all = window[of].prototype.getStats;
        const lost = new WeakMap();
        window[of].prototype.getStats = async function () {
          const report = new Map(await all.call(this));
          if (window.loses.includes(type)) lost.set(this, (lost.get(this) ?? 0) + 60);
          for (const [id, stats] of report) {
            if (stats.type === type) report.set(id, { ...stats, packetsLost: stats.packetsLost + (lost.get(this) ?? 0) });
          }
          return report;
        };
      }
    });
    const way = (which) => ben.locator(`[data-way=${which}]`);
    await ben.evaluate(() => (window.loses = ['inbound-rtp']));
    await way('comes').getByText('much of what the others say is lost').waitFor();
    await ben.evaluate(() => (window.loses = ['inbound-rtp', 'remote-inbound-rtp']));
    await way('both').waitFor();
    await shot(ben, '46-poor-connection');
    await ben.evaluate(() => (window.loses = ['remote-inbound-rtp']));
    await way('goes').getByText('much of what you say is lost').waitFor();
    await ben.evaluate(() => (window.loses = []));
    await ben.locator('[data-way]').waitFor({ state: 'detached' });
    assert.equal(await ana.locator('[data-way]').count(), 0);
  });

  test('the page fills the screen, lamp and all, and comes back', async () => {
    await ana.click('[data-do=full]');
    await until(() => ana.evaluate(() => document.fullscreenElement !== null), { what: 'full screen' });
    assert.ok(await ana.locator('[data-lamp]').first().isVisible(), 'the lamp stays in sight');
    assert.ok(await ana.evaluate(() => document.fullscreenElement.contains(document.querySelector('[data-lamp]'))));
    await shot(ana, '45-full-screen');
    await ana.click('[data-do=full]');
    await until(() => ana.evaluate(() => document.fullscreenElement === null), { what: 'the page is back' });
  });

  test('no page complained', () => noComplaints([ana, ben, cid, desk]));
});
