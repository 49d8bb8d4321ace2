// The floor: hands go up, principals go first, somebody gives the floor, its clock runs, and whoever comes later sees it all.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, join, joinByLetter, lampBecomes, makeKey, mint, noComplaints, person } from './support/people.mjs';
import { usable } from './support/usable.mjs';

describe('the floor', { concurrency: false }, () => {
  let house, browser, elena, tomas, ada, desk, said;

  const queue = (page) => page.locator('[data-asking]').evaluateAll((all) => all.map((one) => one.dataset.asking));
  const allSee = (pages, expected, speaker) =>
    Promise.all(
      pages.map((page) =>
        until(
          async () => {
            const has = await page.locator('[data-speaker]').evaluateAll((all) => all.map((one) => one.dataset.speaker));
            return JSON.stringify([await queue(page), has]) === JSON.stringify([expected, speaker ? [speaker] : []]);
          },
          { what: `${expected} ask and ${speaker} speaks` },
        ),
      ),
    );
  const isSaid = (page, sentence) =>
    until(async () => (await page.locator('[data-said]').innerText()) === sentence, { what: `said: ${sentence}` });
  const pressed = (page) => page.locator('[data-do=raise]').getAttribute('aria-pressed');

  before(async () => {
    house = await openHouse();
    browser = await launch({ crowded: true });
    [elena, tomas, ada, desk] = await Promise.all([0, 1, 2, 3].map(() => person(browser, { bypassCSP: true })));
    const meeting = await convene(desk, house.convene);
    said = [];
    desk.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => said.push(String(payload))));
    await makeKey(desk, meeting.desks[0]);
    const letters = [
      await mint(desk, { name: 'Elena Marsh', role: 'principal' }),
      await mint(desk, { name: 'Ada Quist', role: 'adviser' }),
    ];
    await joinByLetter(elena, letters[0]);
    await lampBecomes(elena, 'closed');
    await join(tomas, meeting.links[1], 'Tomas Iversen');
    await lampBecomes(tomas, 'closed');
    await joinByLetter(ada, letters[1]);
    await Promise.all([elena, tomas, ada].map((page) => lampBecomes(page, 'closed')));
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('a hand goes up by a key, all are told, and a principal’s goes before it', async () => {
    await allSee([elena, tomas, ada], []);
    await ada.keyboard.press('h');
    await isSaid(elena, 'Ada Quist raises a hand.');
    await allSee([elena, tomas, ada], ['Ada Quist']);
    assert.equal(await pressed(ada), 'true');
    assert.equal(await pressed(elena), 'false');
    await elena.locator('[data-badge=up]').waitFor();
    await tomas.click('[data-do=raise]');
    await allSee([elena, tomas, ada], ['Tomas Iversen', 'Ada Quist']);
    await usable(elena, 'a queue');
  });

  test('a principal gives the floor, an adviser cannot, and the clock runs for all', async () => {
    assert.equal(await ada.getByRole('button', { name: 'Give the floor' }).count(), 0);
    await elena.selectOption('[data-minutes]', '1');
    await elena.getByRole('button', { name: 'Give the floor to Tomas Iversen' }).click();
    await allSee([elena, tomas, ada], ['Ada Quist'], 'Tomas Iversen');
    await isSaid(tomas, 'You have the floor.');
    assert.equal(await pressed(tomas), 'false');
    await tomas.locator('[data-mine=left]').waitFor();
    const clock = ada.locator('[data-clock]');
    const first = await clock.innerText();
    assert.match(first, /^0:[0-5]\d left$|^1:00 left$/);
    await until(async () => (await clock.innerText()) < first, { what: 'the clock runs down' });
    await elena.locator('[data-badge=speaker]').waitFor();
    await usable(tomas, 'having the floor');
    await shot(elena, '38-floor');
    await elena.emulateMedia({ colorScheme: 'dark' });
    await shot(elena, '39-floor-dark');
    await elena.emulateMedia({ colorScheme: 'light' });
  });

  test('a point of order goes before everybody', async () => {
    await elena.click('[data-do=raise]');
    await allSee([elena, tomas, ada], ['Elena Marsh', 'Ada Quist'], 'Tomas Iversen');
    await ada.click('[data-do=order]');
    await isSaid(tomas, 'Ada Quist raises a point of order.');
    await allSee([elena, tomas, ada], ['Ada Quist', 'Elena Marsh'], 'Tomas Iversen');
    await elena.locator('[data-badge=point_of_order]').waitFor();
  });

  test('whoever comes back as a newcomer sees who asks and who speaks', async () => {
    await ada.reload();
    await ada.getByRole('button', { name: 'Return to the meeting' }).click();
    await lampBecomes(ada, 'closed');
    // Whoever begins anew has no hand up.
    await allSee([elena, tomas, ada], ['Elena Marsh'], 'Tomas Iversen');
    assert.match(await ada.locator('[data-clock]').innerText(), /left|over/);
  });

  test('the floor is given back, and can be taken back', async () => {
    await tomas.locator('[data-do=yield]').click();
    await allSee([elena, tomas, ada], ['Elena Marsh']);
    await tomas.getByRole('button', { name: 'Give the floor to Elena Marsh' }).click();
    await allSee([elena, tomas, ada], [], 'Elena Marsh');
    await tomas.click('[data-do=take]');
    await allSee([elena, tomas, ada], []);
  });

  test('a wish to be muted is told, and nothing but its reader follows it', async () => {
    const option = await elena.locator('[data-person] option', { hasText: 'Ada Quist' }).getAttribute('value');
    await elena.selectOption('[data-person]', option);
    await elena.click('[data-do=ask-mute]');
    const wish = ada.locator('[data-wish=mute]');
    await wish.waitFor();
    assert.match(await wish.innerText(), /Elena Marsh .* asks you to turn your microphone off/);
    assert.equal(await ada.locator('[data-do=mute].off').count(), 0);
    await usable(ada, 'a wish');
    await wish.getByRole('button', { name: 'Mute' }).click();
    await wish.waitFor({ state: 'detached' });
    assert.equal(await ada.locator('[data-do=mute].off').count(), 1);
    await elena.click('[data-do=ask-unmute]');
    await ada.locator('[data-wish=unmute]').getByRole('button', { name: 'Not now' }).click();
    await ada.locator('[data-wish]').waitFor({ state: 'detached' });
    assert.equal(await ada.locator('[data-do=mute].off').count(), 1);
  });

  test('on a telephone and from right to left it can be read and used', async () => {
    await ada.click('[data-do=raise]');
    await elena.getByRole('button', { name: 'Give the floor to Ada Quist' }).click();
    await tomas.click('[data-do=raise]');
    await allSee([elena, tomas], ['Tomas Iversen'], 'Ada Quist');
    await elena.setViewportSize({ width: 360, height: 640 });
    await elena.locator('#floor-title').scrollIntoViewIfNeeded();
    await usable(elena, 'the floor on a telephone');
    await shot(elena, '40-floor-on-a-telephone');
    await elena.setViewportSize({ width: 1280, height: 800 });
    await tomas.locator('select').filter({ has: tomas.locator('option[value=ar]') }).first().selectOption('ar');
    await usable(tomas, 'the floor from right to left');
    await shot(tomas, '41-floor-in-arabic');
  });

  test('the desk of a delegation, which is not in the room, hears nothing of it', () => {
    assert.ok(said.length > 0);
    assert.ok(!said.some((payload) => payload.includes('"sealed"')));
  });

  test('nobody complains', () => noComplaints([elena, tomas, ada]));
});
