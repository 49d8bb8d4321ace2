// Somebody shows their screen: sealed like everything else, large for the others, to the public only if it is meant for it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse, verify } from './support/house.mjs';
import { convene, deliberately, join, lampBecomes, moveToOpen, noComplaints, person, sees } from './support/people.mjs';

/** A page that draws what somebody might show: no headless browser has a screen of its own. */
function drawsAScreen() {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1600, height: 900 });
    const pen = canvas.getContext('2d');
    let n = 0;
    setInterval(() => {
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, 1600, 900);
      pen.fillStyle = '#123';
      pen.font = '60px sans-serif';
      pen.fillText(`Article 4: the text as it stands, ${(n += 1)}`, 120, 200);
      for (let line = 0; line < 9; line += 1) pen.fillRect(120, 280 + 60 * line, 900 + ((line * 173) % 400), 18);
    }, 100);
    return canvas.captureStream(10);
  };
}

const screen = (page) => page.locator('[data-screen="Elena Marsh"] video');

/** Pictures of the screen that a page has shown. */
const shown = (page) => screen(page).evaluate((video) => video.getVideoPlaybackQuality().totalVideoFrames);

async function seesTheScreen(page) {
  await screen(page).waitFor();
  const before = await shown(page);
  await until(async () => (await shown(page)) > before + 5, { what: 'the screen is seen' });
}

describe('a screen', { concurrency: false }, () => {
  let house, browserOfAna, browserOfBen, ana, ben, world, convener, meeting;

  before(async () => {
    house = await openHouse();
    [browserOfAna, browserOfBen] = await Promise.all([launch({ tone: 700 }), launch({ tone: 1_300 })]);
    [convener, ana, ben, world] = await Promise.all([browserOfAna, browserOfAna, browserOfBen, browserOfBen].map((it) => person(it)));
    await ana.context().addInitScript(drawsAScreen);
    meeting = await convene(convener, house.convene);
    await join(ana, meeting.links[0], 'Elena Marsh');
    await lampBecomes(ana, 'closed');
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await Promise.all([sees(ana), sees(ben)]);
  });
  after(async () => {
    await Promise.all([browserOfAna?.close(), browserOfBen?.close()]);
    await house?.close();
  });

  test('is large for the others, whole, with the person beside it', async () => {
    await ana.click('[data-do=share]');
    await ana.locator('[data-sharing]').waitFor();
    await seesTheScreen(ben);
    await ben.locator('.larger > ul:first-child [data-screen="Elena Marsh"]').waitFor();
    await ben.locator('.strip [data-tile="Elena Marsh"] video').waitFor();
    const ratio = await screen(ben).evaluate((video) => video.videoWidth / video.videoHeight);
    assert.ok(Math.abs(ratio - 16 / 9) < 0.02, `${ratio}`);
    await sees(ben, 20);
    await shot(ben, '50-screen');
    await shot(ana, '51-sharing');
  });

  test('ends when the doors open, and says so', async () => {
    await moveToOpen(ana);
    await deliberately(ben, 'Agree to open');
    await Promise.all([lampBecomes(ana, 'open'), lampBecomes(ben, 'open')]);
    await ana.locator('[data-unshared]').waitFor();
    await until(async () => (await screen(ben).count()) === 0, { what: 'the screen is gone' });
    await world.goto(meeting.open);
    await world.getByRole('button', { name: 'Watch and listen' }).click();
    await sees(world, 20);
    assert.equal(await screen(world).count(), 0);
    await shot(ana, '52-ended-at-the-opening');
  });

  test('is shown to the public when it is shared in public, and no more after the close', async () => {
    await ana.click('[data-do=share]');
    await ana.locator('[data-sharing]').getByText('shown to the public').waitFor();
    await Promise.all([seesTheScreen(ben), seesTheScreen(world)]);
    await shot(world, '53-public-screen');
    await ana.click('[data-do=close]');
    await Promise.all([ana, ben, world].map((page) => lampBecomes(page, 'closed')));
    // Behind the doors it goes on.
    await seesTheScreen(ben);
    assert.equal(await screen(world).count(), 0);
  });

  test('stops when it is stopped', async () => {
    await ana.click('[data-do=share]');
    await until(async () => (await screen(ben).count()) === 0, { what: 'the screen is gone' });
    await sees(ben, 20);
  });

  test('is in the recording, as a file of its own, and the record holds', async () => {
    await ana.click('[data-do=adjourn]');
    await deliberately(ana, 'Adjourn for everybody');
    await lampBecomes(world, 'adjourned');
    const takes = await until(
      async () => {
        const answer = await fetch(`${house.url}/m/${meeting.meeting}/recordings`);
        const { recordings = [] } = await answer.json().catch(() => ({}));
        const all = recordings.flatMap((recording) => recording.takes);
        return all.length >= 3 && all;
      },
      { what: 'the recording', every: 500 },
    );
    const screens = takes.filter((take) => take.screen);
    assert.deepEqual(screens.map(({ name, sound }) => [name, sound]), [['Elena Marsh', 0]]);
    assert.ok(screens[0].pictures > 5, JSON.stringify(screens));
    const report = await verify(meeting.open);
    assert.deepEqual(report.problems, []);
  });

  test('no page complained', () => noComplaints([convener, ana, ben, world]));
});
