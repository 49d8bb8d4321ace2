// A picture is sent as large as it is shown: a small tile gets a small one, of members and of the public, and what is shown
// to nobody is not sent at all.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, until } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, join, lampBecomes, moveToOpen, person, sees } from './support/people.mjs';

// By which two pictures side by side are too small for the largest that is sent, and too large for any other.
const [SMALL, LARGE] = [{ width: 480, height: 320 }, { width: 2_560, height: 1_600 }];

/** Lines of the pictures that come, the largest. */
const lines = (page) =>
  page.evaluate(async () => {
    let most = 0;
    (await window.connections.at(-1).getStats()).forEach((report) => {
      if (report.type === 'inbound-rtp' && report.kind === 'video') most = Math.max(most, report.frameHeight ?? 0);
    });
    return most;
  });

/** Frames of each layer that the camera has sent. */
const layers = (page) =>
  page.evaluate(async () => {
    const sent = {};
    (await window.connections.at(-1).getStats()).forEach((report) => {
      if (report.type === 'outbound-rtp' && report.kind === 'video' && report.rid) sent[report.rid] = report.framesEncoded;
    });
    return sent;
  });

/** Layers of which something is encoded within a second. */
const flowing = async (page) => {
  const before = await layers(page);
  await page.waitForTimeout(1_000);
  const after = await layers(page);
  return Object.keys(after).filter((rid) => after[rid] > (before[rid] ?? 0)).sort().join();
};

describe('a picture is sent as large as it is shown', { concurrency: false }, () => {
  let house, browser, ana, ben, viewer, meeting;

  before(async () => {
    [house, browser] = await Promise.all([openHouse(), launch()]);
    [ana, ben, viewer] = await Promise.all([
      person(browser), person(browser, { viewport: LARGE }), person(browser, { viewport: LARGE }),
    ]);
    meeting = await convene(viewer, house.convene);
    await join(ana, meeting.links[0], 'Elena Marsh');
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
    await Promise.all([sees(ana), sees(ben)]);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('a large tile gets the large one, a small tile a small one, and the sender stops what nobody is shown', async () => {
    await until(async () => (await lines(ben)) === 720, { what: 'the largest comes' });
    await ben.setViewportSize(SMALL);
    await until(async () => (await lines(ben)) < 720, { what: 'a smaller one comes' });
    await until(async () => !(await flowing(ana)).includes('f'), { what: 'the largest is no longer made' });
    await ben.setViewportSize(LARGE);
    await until(async () => (await lines(ben)) === 720, { what: 'the largest is back' });
    assert.match(await flowing(ana), /f/u);
  });

  test('the public too gets what it shows', async () => {
    await moveToOpen(ana);
    await deliberately(ben, 'Agree to open');
    await lampBecomes(ana, 'open');
    await viewer.goto(meeting.open);
    await viewer.getByRole('button', { name: 'Watch and listen' }).click();
    await sees(viewer);
    const before = await lines(viewer);
    await viewer.setViewportSize(SMALL);
    await until(async () => (await lines(viewer)) < before, { what: 'a smaller one comes' });
  });

  // The engine's own refusal is played in `crates/sfu/tests/engine/overload.rs`; these are its words (docs/protocol.md §13).
  test('who comes while the house has too much to do is told so, and comes in by itself later', async () => {
    const late = await person(browser);
    const full = { status: 503, headers: { 'retry-after': '3' }, json: { code: 'full', message: 'This house is full.' } };
    await late.context().route('**/api/media', (route) => route.fulfill(full));
    await late.goto(meeting.open);
    await late.getByRole('button', { name: 'Watch and listen' }).click();
    await late.locator('[data-full]').waitFor();
    await late.getByText('This page keeps trying').waitFor();
    await late.context().unroute('**/api/media');
    await sees(late, 10);
    assert.equal(await late.locator('[data-full]').count(), 0);
  });
});
