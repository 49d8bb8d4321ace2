// A meeting under a chair, as councils and courts hold it: one side opens and closes alone, and still makes nobody public.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, join, lampBecomes, noComplaints, person, received, sees, SIDES } from './support/people.mjs';
import { usable } from './support/usable.mjs';

const CHAIR = SIDES[0];

describe('a meeting under a chair', { concurrency: false }, () => {
  let house, browser, chair, other, viewer, convener, meeting;

  const offered = (page, what) => page.locator(`[data-do=${what}]`).count();

  before(async () => {
    house = await openHouse();
    browser = await launch();
    [chair, other, viewer, convener] = await Promise.all([0, 1, 2, 3].map(() => person(browser, { bypassCSP: true })));
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('the convener names the chair', async () => {
    meeting = await convene(convener, house.convene, { chair: CHAIR });
    await join(chair, meeting.links[0], 'Elena Marsh');
    await lampBecomes(chair, 'closed');
    await other.goto(meeting.links[1]);
    await other.getByText(`unless ${CHAIR} has opened the meeting and you have agreed to appear`).waitFor();
    await usable(other, 'device check under a chair');
    await join(other, meeting.links[1], 'Tomas Iversen');
    await lampBecomes(other, 'closed');
    await Promise.all([sees(chair), sees(other)]);
    await viewer.goto(meeting.open);
    await lampBecomes(viewer, 'closed');
  });

  test('only the chair is offered to open, and is told that nobody else is asked', async () => {
    assert.equal(await offered(other, 'open'), 0);
    await chair.click('[data-do=open]');
    const said = await chair.locator('dialog').innerText();
    assert.match(said, /By the charter you open alone/);
    assert.match(said, /whoever does not choose to appear is neither seen nor heard/);
    assert.match(said, new RegExp(`ends when ${CHAIR}, as chair, closes the doors`));
    await usable(chair, 'the chair opens');
    await shot(chair, '32-chair-opens');
    await deliberately(chair, 'Move to open');
    await Promise.all([chair, viewer].map((page) => lampBecomes(page, 'open')));
    await lampBecomes(other, 'held', 20);
    await other.getByText('You are neither seen nor heard until you choose to appear.', { exact: false }).last().waitFor();
  });

  test('whoever has not agreed to appear is neither seen nor heard in public', async () => {
    await viewer.getByRole('button', { name: 'Watch and listen' }).click();
    await viewer.locator('.tiles').getByText('Elena Marsh').waitFor();
    await sees(viewer, 40);
    await sees(other);
    assert.equal(await viewer.locator('.tiles video').count(), 1);
    await other.getByRole('button', { name: 'Appear in public' }).waitFor();
    await usable(other, 'not yet in public');
    await shot(other, '33-not-yet-in-public');
    // Not hidden by the page: nothing of theirs was sealed under a key of the open part.
    const before = await received(chair);
    await sees(viewer, 20);
    const after = await received(chair);
    assert.equal(after.frames, before.frames, 'pictures of somebody who has not agreed');
  });

  test('they appear when they say so', async () => {
    await deliberately(other, 'Appear in public');
    await lampBecomes(other, 'open');
    await until(async () => (await viewer.locator('.tiles video').count()) === 2, { what: 'two pictures' });
    await sees(chair);
    await shot(viewer, '34-public-under-a-chair');
  });

  test('only the chair closes while it is there', async () => {
    assert.equal(await offered(other, 'close'), 0);
    assert.equal(await offered(chair, 'close'), 1);
    await chair.click('[data-do=close]');
    await Promise.all([chair, other, viewer].map((page) => lampBecomes(page, 'closed')));
    await Promise.all([sees(chair), sees(other)]);
  });

  test('a door whose chair has gone is shut by whoever is there', async () => {
    await chair.click('[data-do=open]');
    await deliberately(chair, 'Move to open');
    await deliberately(other, 'Appear in public');
    await lampBecomes(other, 'open');
    await chair.click('[data-do=leave]');
    await until(async () => (await offered(other, 'close')) === 1, { what: 'the other side may close now' });
    await other.click('[data-do=close]');
    await Promise.all([other, viewer].map((page) => lampBecomes(page, 'closed')));
    assert.equal(await offered(other, 'open'), 0, 'but not open again');
  });

  test('no page complained', () => noComplaints([chair, other, viewer, convener]));
});
