// What a delegation says among itself: written and spoken, behind closed doors and in public, it comes to the own side alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { AUDIBLE, hearsTone, isHeard, isSilent, levels, tapsTheLoudspeaker } from './support/ears.mjs';
import { fits } from './support/fits.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, joinByLetter, lampBecomes, makeKey, mint, moveToOpen, noComplaints, person } from './support/people.mjs';
import { usable } from './support/usable.mjs';

/** What the microphones hear, in hertz. */
const [ELENA, AMIR, TOMAS, NORA] = [700, 1_300, 2_100, 2_900];
const NAMES = ['Elena Marsh', 'Amir Haddad', 'Tomas Iversen', 'Nora Lind'];
const OURS = 'Not below eleven per cent.';

/** For a second: what has been under way has come by then. */
async function staysSilent(page, hertz) {
  const until_ms = Date.now() + 1_000;
  while (Date.now() < until_ms) assert.ok((await levels(page, hertz))[0] < AUDIBLE, `${hertz} Hz is heard`);
}
const whispers = (page, state) => page.locator(`[data-whisper=${state}]`).waitFor();

describe('asides of a delegation', { concurrency: false }, () => {
  let house, browser, meeting, convener, north, south, elena, amir, tomas, nora, world;

  const somebody = async (hertz) => {
    const page = await person(browser, { bypassCSP: true });
    await page.context().addInitScript(tapsTheLoudspeaker);
    if (hertz) await page.context().addInitScript(hearsTone, hertz);
    return page;
  };

  before(async () => {
    house = await openHouse();
    browser = await launch({ crowded: true });
    [convener, north, south, world] = [await somebody(), await somebody(), await somebody(), await somebody()];
    [elena, amir, tomas, nora] = [await somebody(ELENA), await somebody(AMIR), await somebody(TOMAS), await somebody(NORA)];
    meeting = await convene(convener, house.convene, { languages: ['en', 'fr'] });
    await makeKey(north, meeting.desks[0]);
    await makeKey(south, meeting.desks[1]);
    const people = [[elena, north, 'principal'], [amir, north, 'adviser'], [tomas, south, 'principal'], [nora, south, 'adviser']];
    for (const [at, [page, desk, role]] of people.entries()) {
      await joinByLetter(page, await mint(desk, { name: NAMES[at], role }));
      await lampBecomes(page, 'closed');
      // One picture is enough where so many meet in one browser.
      if (at > 0) await page.keyboard.press('v');
    }
    // Principals speak, advisers are silent.
    for (const page of [amir, nora]) await page.keyboard.press('m');
    await Promise.all([isHeard(elena, TOMAS), isHeard(tomas, ELENA), isHeard(nora, ELENA), isHeard(amir, TOMAS)]);
    await Promise.all([isSilent(elena, AMIR), isSilent(tomas, NORA)]);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('a text comes to the own side and to nobody else', async () => {
    await elena.click('[data-do=aside]');
    await usable(elena, 'nothing said aside yet');
    await elena.getByLabel('Write to your delegation alone').fill(OURS);
    await elena.keyboard.press('Enter');
    await elena.locator('[data-aside] [data-message=passed]').waitFor();
    await amir.locator('[data-do=aside] [data-unread="1"]').waitFor();
    assert.match(await amir.locator('[data-said]').innerText(), /To your delegation alone, from Elena Marsh: Not below/);
    await amir.click('[data-do=aside]');
    await amir.locator('[data-aside]').getByText(OURS).waitFor();
    assert.equal(await amir.locator('[data-unread]').count(), 0);
    // It stands in no other list, on no other page.
    await amir.click('[data-do=chat]');
    assert.equal(await amir.locator('[data-message]').count(), 0);
    for (const page of [tomas, nora]) {
      await page.click('[data-do=aside]');
      assert.equal(await page.locator('[data-message]').count(), 0);
    }
    await amir.click('[data-do=aside]');
    await usable(amir, 'an aside');
    await shot(amir, '56-aside');
  });

  const whisperTo = async ({ by, hertz, own, others }) => {
    await by.locator('[data-lamp-band]').click();
    await by.keyboard.down('w');
    await whispers(by, 'on');
    for (const other of others) await isSilent(other, hertz);
    // By now nothing of before is on its way any more.
    await own.locator('[data-badge=whispers]').waitFor();
    await isHeard(own, hertz);
    for (const other of others) await staysSilent(other, hertz);
    await by.locator('[data-whispering=on]').waitFor();
    assert.match(await by.locator('[data-do=mute]').innerText(), /Off for the room/);
  };
  const letsGo = async (by) => {
    await by.keyboard.up('w');
    await whispers(by, 'off');
    assert.equal(await by.locator('[data-whispering]').count(), 0);
  };

  test('a principal has the bar in one row on a small laptop, and can write to the delegation on a small telephone', async () => {
    const { width, height } = elena.viewportSize();
    for (const wide of [1_280, 1_536]) {
      await elena.setViewportSize({ width: wide, height: 720 });
      const rows = await elena.locator('.controls button').evaluateAll((all) => all.map((it) => it.getBoundingClientRect()));
      assert.ok(rows.length >= 11, `${rows.length} controls`);
      const [top, bottom] = [Math.max(...rows.map((it) => it.top)), Math.min(...rows.map((it) => it.bottom))];
      assert.ok(top < bottom, `at ${wide} the bar takes more than a row`);
      await shot(elena, `bar-${wide}`);
    }
    if ((await elena.locator('[data-aside]').count()) === 0) await elena.click('[data-do=aside]');
    for (const narrow of [320, 360]) {
      await elena.setViewportSize({ width: narrow, height: 640 });
      await fits(elena, `the delegation's pane at ${narrow}`);
      await usable(elena, `the delegation's pane at ${narrow}`);
      // As it stands: nobody has to look for where to read and where to write.
      const inSight = await elena.locator('[data-aside]').evaluate((pane) => {
        const bar = document.querySelector('.controls').getBoundingClientRect().top;
        return ['[role=log]', 'textarea', '[data-do=send]'].map((of) => {
          const { top, bottom } = pane.querySelector(of).getBoundingClientRect();
          return Math.min(bottom, bar) - top;
        });
      });
      assert.ok(inSight[0] >= 80 && inSight[1] >= 44 && inSight[2] >= 24, `in sight at ${narrow}: ${inSight}`);
      await shot(elena, `aside-${narrow}`);
    }
    await elena.setViewportSize({ width, height });
  });

  test('behind closed doors a whisper is heard by the own side, and the floor does not hear it', async () => {
    await whisperTo({ by: elena, hertz: ELENA, own: amir, others: [tomas, nora] });
    await usable(elena, 'whispering');
    await shot(elena, '57-whispering');
    await shot(amir, '58-whispered-to');
    await letsGo(elena);
    await Promise.all([isHeard(tomas, ELENA), isHeard(nora, ELENA), isHeard(amir, ELENA)]);
  });

  test('whoever has their microphone off whispers, and is silent again afterwards', async () => {
    await whisperTo({ by: nora, hertz: NORA, own: tomas, others: [elena, amir] });
    await letsGo(nora);
    for (const page of [tomas, elena, amir]) await isSilent(page, NORA);
    for (const page of [tomas, elena, amir]) await staysSilent(page, NORA);
  });

  test('a short press stays on until the next one', async () => {
    const button = tomas.locator('[data-do=whisper]');
    await button.click();
    await whispers(tomas, 'on');
    await isSilent(elena, TOMAS);
    await isHeard(nora, TOMAS);
    assert.equal(await button.getAttribute('aria-pressed'), 'true');
    await button.click();
    await whispers(tomas, 'off');
    await isHeard(elena, TOMAS);
  });

  test('no key acts while something is being written', async () => {
    await elena.getByLabel('Write to your delegation alone').fill('');
    await elena.keyboard.type('www');
    assert.equal(await elena.locator('[data-do=whisper]').getAttribute('data-whisper'), 'off');
    await elena.getByLabel('Write to your delegation alone').fill('');
  });

  test('sound that a telephone call has taken comes back by itself', async () => {
    const state = () => nora.evaluate(() => window.loudspeaker.context.state);
    assert.equal(await state(), 'running');
    await nora.evaluate(() => window.loudspeaker.context.suspend());
    await until(async () => (await state()) === 'running', { what: 'the sound runs again' });
    await isHeard(nora, ELENA);
  });

  test('in public neither the other side nor the public hears a whisper, and the page of the public finds nothing amiss', async () => {
    await world.goto(meeting.open);
    await moveToOpen(elena);
    await deliberately(tomas, 'Agree to open');
    await Promise.all([elena, tomas, world].map((page) => lampBecomes(page, 'open')));
    await world.getByRole('button', { name: 'Watch and listen' }).click();
    await Promise.all([isHeard(world, TOMAS), isHeard(world, ELENA)]);
    await whisperTo({ by: elena, hertz: ELENA, own: amir, others: [tomas, nora, world] });
    await isHeard(world, TOMAS);
    await letsGo(elena);
    await isHeard(world, ELENA);
    // Who does not appear in public speaks to their own side all the same, and to nobody else.
    await whisperTo({ by: amir, hertz: AMIR, own: elena, others: [tomas, nora, world] });
    await letsGo(amir);
    for (const page of [elena, tomas, world]) await isSilent(page, AMIR);
    await elena.getByLabel('Write to your delegation alone').fill('They give way.');
    await elena.keyboard.press('Enter');
    await amir.locator('[data-aside]').getByText('They give way.').waitFor();
    assert.equal(await tomas.getByText('They give way.').count(), 0);
    assert.equal(await world.getByText('They give way.').count(), 0);
  });

  test('it can be used by everybody', async () => {
    await amir.emulateMedia({ colorScheme: 'dark' });
    await usable(amir, 'an aside in the dark');
    await shot(amir, '59-aside-dark');
    await amir.emulateMedia({ colorScheme: 'light' });
    await amir.locator('.language').selectOption('ar');
    await amir.waitForSelector('html[dir=rtl]');
    await shot(amir, '59-aside-arabic');
    await amir.locator('.language').selectOption('en');
    await amir.setViewportSize({ width: 320, height: 700 });
    await shot(amir, '59-aside-320');
    const wide = await amir.evaluate(() =>
      [...document.querySelectorAll('*')]
        .filter((it) => !it.closest('.unseen, .pictures') && it.getBoundingClientRect().right > 321)
        .map((it) => it.outerHTML.slice(0, 90)),
    );
    assert.deepEqual(wide, []);
  });

  test('no page complained', () => noComplaints([convener, north, south, elena, amir, tomas, nora, world]));
});
