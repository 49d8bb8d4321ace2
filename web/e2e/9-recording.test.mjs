// What was public is recorded by the house, and offered once the meeting is over: that, and nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, join, lampBecomes, moveToOpen, person, sees } from './support/people.mjs';

describe('the recording of what was public', { concurrency: false }, () => {
  let house, browserOfAna, browserOfBen, ana, ben, reader, meeting;

  before(async () => {
    house = await openHouse();
    [browserOfAna, browserOfBen] = await Promise.all([launch({ tone: 700 }), launch({ tone: 1_300 })]);
    ana = await person(browserOfAna);
    ben = await person(browserOfBen);
    reader = await person(browserOfBen);
    meeting = await convene(reader, house.convene);
    await join(ana, meeting.links[0], 'Elena Marsh');
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
  });
  after(async () => {
    await Promise.all([browserOfAna?.close(), browserOfBen?.close()]);
    await house?.close();
  });

  test('whoever is asked to open is told that it is recorded', async () => {
    await moveToOpen(ana);
    const dialog = ben.locator('dialog');
    await dialog.waitFor();
    const words = await dialog.innerText();
    assert.ok(words.includes('This house records what is public'), words);
    await shot(ben, 'recording-consent');
  });

  test('after adjournment the public page plays the open part, both sides together', async () => {
    await deliberately(ben, 'Agree to open');
    await Promise.all([lampBecomes(ana, 'open'), lampBecomes(ben, 'open')]);
    await sees(ben, 60);
    // Meanwhile the public watches, and is told that what it sees is what was sent: by each sender's own signature.
    await reader.goto(meeting.open);
    await reader.click('.start button');
    await until(async () => (await reader.locator('[data-proof=verified]').count()) === 2, {
      what: 'both pictures are verified',
      seconds: 30,
    });
    await shot(reader, 'verified');
    assert.equal(await reader.locator('[data-proof=gap]').count(), 0);
    await ana.click('[data-do=close]');
    await lampBecomes(ana, 'closed');
    await ana.click('[data-do=adjourn]');
    await deliberately(ana, 'Adjourn for everybody');
    await lampBecomes(ana, 'adjourned');

    await reader.goto(meeting.open);
    const play = reader.locator('[data-do=play]');
    await play.waitFor({ timeout: 40_000 });
    await play.scrollIntoViewIfNeeded();
    await play.click();
    const playing = () =>
      reader.evaluate(() =>
        [...document.querySelectorAll('article video')].map((it) => ({
          at: it.currentTime,
          width: it.videoWidth,
          sound: it.webkitAudioDecodedByteCount,
          seconds: it.duration,
        })),
      );
    const videos = await until(
      async () => {
        const all = await playing();
        return all.length === 2 && all.every(({ at, width, sound }) => at > 1 && width > 0 && sound > 0) && all;
      },
      { what: 'both play, with picture and sound', seconds: 30 },
    );
    await shot(reader, 'recording');
    assert.ok(Math.abs(videos[0].at - videos[1].at) < 0.3, JSON.stringify(videos));

    const { state } = await (await fetch(`${house.url}/api/meetings/${meeting.meeting}`)).json();
    const part = state.parts.find(({ open }) => open);
    const seconds = (part.ended_at_ms - part.started_at_ms) / 1_000;
    for (const video of videos) assert.ok(Math.abs(video.seconds - seconds) < 1, `${video.seconds} and ${seconds} s`);
    assert.deepEqual(reader.heard, []);
  });
});
