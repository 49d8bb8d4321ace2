// A meeting that is interpreted: who is on the air, who hears it, how loud the floor stays beneath, how it changes hands.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { AUDIBLE, fallsSilent, hearsTone, heardOf, isHeard, isSilent, levels, sounds, speaks, tapsTheLoudspeaker } from './support/ears.mjs';
import { fits } from './support/fits.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, join, joinByLetter, lampBecomes, makeKey, mint, moveToOpen, noComplaints, person } from './support/people.mjs';
import { usable } from './support/usable.mjs';

/** What the microphones hear, in hertz. */
const [BEN, INES, KARL, JANA] = [700, 1_300, 2_100, 2_900];
/** Numbers of the languages in the charter. */
const [FRENCH, GERMAN] = ['1', '2'];
/** As `BENEATH` has it: a fifth. */
const BENEATH_DB = 20 * Math.log10(0.2);

const on = (page, air) => page.locator(`[data-air="${air}"]`).waitFor();
const hearsChannel = (page, says) => page.locator(`[data-hears="${says}"]`).waitFor();

describe('interpretation', { concurrency: false }, () => {
  let house, browser, meeting, convener, north, ana, ben, ines, jana, karl, world;
  /** How loud Ben's tone is on the floor, with nothing above it. */
  let floor;

  const somebody = async (hertz) => {
    const page = await person(browser, { bypassCSP: true });
    await page.context().addInitScript(tapsTheLoudspeaker);
    if (hertz) await page.context().addInitScript(hearsTone, hertz);
    return page;
  };

  before(async () => {
    house = await openHouse();
    browser = await launch({ crowded: true });
    [convener, north, ana, ben, ines, jana, karl, world] = [
      await somebody(), await somebody(), await somebody(400), await somebody(BEN),
      await somebody(INES), await somebody(JANA), await somebody(KARL), await somebody(),
    ];
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('is convened with its languages, and interpreters get letters', async () => {
    meeting = await convene(convener, house.convene, { languages: ['en', 'fr', 'de'] });
    await convener.locator('[data-interpreted]').waitFor();
    await makeKey(north, meeting.desks[0]);
    const letters = {};
    for (const [name, role] of [['Elena Marsh', 'principal'], ['Ines Caro', 'interpreter'], ['Jana Roux', 'interpreter'], ['Karl Weiss', 'interpreter']]) {
      letters[name] = await mint(north, { name, role });
      assert.equal(new URL(letters[name]).pathname, `/m/${meeting.meeting}/${role === 'interpreter' ? 'booth' : 'join'}`);
    }
    // By whichever address somebody comes, they are brought to their own.
    await joinByLetter(ana, letters['Elena Marsh'].replace('/join#', '/booth#'));
    await ana.waitForURL('**/join');
    await lampBecomes(ana, 'closed');
    // One picture is enough where seven people meet in one browser, whose camera shows itself to the last who asks.
    await ana.keyboard.press('v');
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await lampBecomes(ben, 'closed');
    await ana.keyboard.press('m');
    for (const [page, name] of [[ines, 'Ines Caro'], [jana, 'Jana Roux'], [karl, 'Karl Weiss']]) {
      await page.goto(page === karl ? letters[name].replace('/booth#', '/join#') : letters[name]);
      await page.waitForSelector('.preview video');
      assert.ok(page.url().endsWith('/booth'), page.url());
      assert.equal(await page.getByLabel('I use a headset').isChecked(), true, 'a booth’s sound is sent as it is');
      await page.getByLabel('Use the camera').uncheck();
      await page.getByRole('button', { name: 'Join the meeting' }).click();
      await page.locator('[data-booth]').waitFor();
      const { echoCancellation, noiseSuppression, autoGainControl } = await page.evaluate(() => window.asked);
      assert.deepEqual([echoCancellation, noiseSuppression, autoGainControl], [false, false, false]);
    }
    await isHeard(ana, BEN);
    [floor] = await levels(ana, BEN);
  });

  test('an interpreter who sits is on the floor no more; with the microphone, in the channel alone', async () => {
    await ines.keyboard.press('Shift+Digit2');
    await on(ines, 'nobody');
    await isSilent(ana, INES);
    await ines.keyboard.press('a');
    await on(ines, 'me');
    await ana.selectOption('[data-channel]', FRENCH);
    await hearsChannel(ana, 'channel');
    await isHeard(ana, INES);
    assert.ok((await levels(ben, INES))[0] < AUDIBLE, 'nobody hears the booth on the floor');
  });

  test('the floor stays beneath the channel, as loud as the listener says', async () => {
    const near = async (expected) =>
      until(async () => Math.abs((await levels(ana, BEN))[0] - expected) < 2.5, { what: `the floor at ${expected} dB` });
    await near(floor + BENEATH_DB);
    await ana.locator('[data-beneath]').fill('50');
    await near(floor + 20 * Math.log10(0.5));
    await ana.locator('[data-beneath]').fill('0');
    await isSilent(ana, BEN);
    await ana.locator('[data-beneath]').fill('20');
    await near(floor + BENEATH_DB);
  });

  test('a booth works by relay from another, without the floor beneath it', async () => {
    await karl.keyboard.press('Shift+Digit3');
    await on(karl, 'nobody');
    await isHeard(karl, BEN);
    await karl.keyboard.press('2');
    await karl.keyboard.press('x');
    await karl.locator(`[data-incoming="${FRENCH}"]`).waitFor();
    await isHeard(karl, INES);
    await isSilent(karl, BEN);
    await karl.keyboard.press('a');
    await on(karl, 'me');
    await ben.selectOption('[data-channel]', GERMAN);
    await isHeard(ben, KARL);
    // What is made from French cannot be what French is made from.
    assert.equal(await ines.locator(`[data-source="${GERMAN}"]`).isDisabled(), true);
    await until(async () => Number(await ines.locator('[data-listeners]').getAttribute('data-listeners')) >= 2, {
      what: 'the booth knows that somebody listens',
    });
  });

  test('coughing is heard by nobody', async () => {
    await ines.keyboard.down('c');
    await isSilent(ana, INES);
    assert.ok((await levels(ana, BEN))[0] < floor - 6, 'the floor does not come up for a cough');
    await ines.keyboard.up('c');
    await isHeard(ana, INES);
  });

  test('no key acts while something is being written', async () => {
    await ines.keyboard.press('n');
    await ines.keyboard.type('aco');
    assert.equal(await ines.locator('#note-draft').inputValue(), 'aco');
    await on(ines, 'me');
    await ines.locator('#note-draft').fill('');
    await ines.keyboard.press('Escape');
  });

  test('every pane of the room has its key at the desk, and the tab says that it is one', async () => {
    assert.match(await ines.title(), /Booth · /);
    for (const [key, pane] of [['e', 'details'], ['k', 'chat'], ['d', 'documents'], ['j', 'aside'], ['u', 'equipment']]) {
      const button = ines.locator(`[data-do=${pane}]`);
      assert.equal((await button.locator('kbd').innerText()).toLowerCase(), key);
      await ines.keyboard.press(key);
      assert.equal(await button.getAttribute('aria-pressed'), 'true', pane);
      await ines.keyboard.press(key);
      assert.equal(await button.getAttribute('aria-pressed'), 'false', pane);
    }
  });

  test('in the room the panes have the same keys, which never act while somebody writes', async () => {
    const pressed = (pane) => ben.locator(`[data-do=${pane}]`).getAttribute('aria-pressed');
    // On a wide screen the people are in sight from the start.
    for (const [key, pane] of [['u', 'equipment'], ['d', 'documents'], ['e', 'details'], ['k', 'chat']]) {
      assert.equal(await pressed(pane), 'false', pane);
      await ben.keyboard.press(key);
      assert.equal(await pressed(pane), 'true', pane);
    }
    await ben.locator('#chat-draft').focus();
    await ben.keyboard.type('due');
    assert.equal(await pressed('chat'), 'true');
    assert.equal(await ben.locator('#chat-draft').inputValue(), 'due');
    await ben.locator('#chat-draft').fill('');
    await ben.locator('[data-lamp-band]').click();
    await ben.keyboard.press('k');
    assert.equal(await pressed('chat'), 'false');
    await ben.keyboard.press('j');
    assert.equal(await ben.locator('[data-do=aside]').count(), 0, 'he is alone of his side');
  });

  test('the microphone changes hands without a gap and without two at once', async () => {
    await jana.keyboard.press('Shift+Digit2');
    await on(jana, 'partner');
    await isSilent(ana, JANA);
    await jana.keyboard.press('o');
    await ines.locator('[data-turn-says="give"]').waitFor();
    await shot(ines, '60-asked-for-the-microphone');
    await ines.keyboard.press('o');
    await on(jana, 'me');
    await on(ines, 'partner');
    await isHeard(ana, JANA);
    const [was, is] = await heardOf(ana, [INES, JANA], 4);
    // A browser lets the end of a sound die away; it is over when it is 15 dB down.
    const last = was.findLastIndex((level) => level > -25);
    const first = is.findLastIndex((level) => level < -25) + 1;
    assert.ok(last >= 0 && first < is.length, 'both were heard');
    const gap_ms = (first - last - 1) * 20;
    const levelsThen = `${was.slice(last - 8, last + 15).map(Math.round)} | ${is.slice(last - 8, last + 15).map(Math.round)}`;
    console.log(`handover: ${gap_ms} ms between the end of one and the beginning of the other`);
    assert.ok(gap_ms <= 200, `a gap of ${gap_ms} ms: ${levelsThen}`);
    assert.ok(gap_ms >= -40, `both at once for ${-gap_ms} ms: ${levelsThen}`);
  });

  test('when nobody interprets any more the floor comes up slowly, and the page says so', async () => {
    await jana.keyboard.press('a');
    await hearsChannel(ana, 'nobody');
    await ana.getByText('Nobody interprets into Français now').waitFor();
    await until(async () => Math.abs((await levels(ana, BEN))[0] - floor) < 1.5, { what: 'the floor is back' });
    const [rising] = await heardOf(ana, [BEN], 6);
    const from = rising.findLastIndex((level) => level < floor + BENEATH_DB + 2);
    const to = rising.findIndex((level, index) => index > from && level > floor - 1.5);
    console.log(`the floor took ${(to - from) * 20} ms to come up`);
    assert.ok((to - from) * 20 > 400, `${rising.slice(from, to + 1).map(Math.round)}`);
  });

  test('whoever speaks is asked to slow down, and whoever looks after the meeting to help', async () => {
    // Her microphone is on, and she says nothing.
    await sounds(ana, 0);
    await ana.keyboard.press('m');
    await ana.locator('[data-do=mute]:not(.off)').waitFor();
    await ines.keyboard.press('s');
    await ben.locator('[data-slower]').waitFor();
    assert.equal(await ana.locator('[data-slower]').count(), 0, 'she has not spoken');
    await ana.keyboard.press('m');
    await sounds(ana, 0.3);
    await ines.keyboard.press('l');
    await ana.locator('[data-help]').getByText('Ines Caro').waitFor();
    await ben.locator('[data-help]').getByText('Ines Caro').waitFor();
    await ana.getByRole('button', { name: 'I see to it' }).click();
    await until(async () => (await ana.locator('[data-help]').count()) === 0, { what: 'it is seen to' });
    await until(async () => (await ben.locator('[data-help]').count()) === 0, { what: 'and nobody else need' });
    await ines.locator('[data-seen=lit]').getByText('Elena Marsh sees to it.').waitFor();
    await jana.locator('[data-seen=lit]').waitFor();
    assert.equal(await karl.locator('[data-seen=lit]').count(), 0, 'it was not his booth that called');
    await until(async () => (await ben.locator('[data-slower]').count()) === 0, { what: 'the sign goes' });
  });

  test('notes are read in their booth and nowhere else', async () => {
    await ines.locator('#note-draft').fill('Article 4 is “douane”');
    await ines.locator('[data-booth] [data-do=send]').click();
    await jana.locator('[data-booth]').getByText('douane').waitFor();
    assert.equal(await ana.locator('[data-unread]').count(), 0);
    assert.equal(await karl.locator('[data-booth]').getByText('douane').count(), 0);
  });

  test('whoever looks after the meeting writes to a booth, whose lamp is lit until it is read', async () => {
    await ana.getByRole('button', { name: 'Messages' }).click();
    await ana.locator('[data-do=type-live]').check();
    await ana.locator('[data-chat-to]').selectOption({ label: 'Booth: French' });
    await ana.locator('#chat-draft').pressSequentially('A cable is on ');
    // The list is put away and comes back: what was meant for a booth still is.
    await ana.getByRole('button', { name: 'Messages' }).click();
    await ana.getByRole('button', { name: 'Messages' }).click();
    assert.equal(await ana.locator('[data-chat-to]').inputValue(), '1');
    await ana.locator('#chat-draft').pressSequentially('its way');
    await ana.locator('.chat [data-do=send]').click();
    await ana.locator('.chat [data-to="1"]').waitFor();
    for (const page of [ines, jana]) {
      await page.locator('[data-message-lamp=lit]').getByText('A cable is on its way').waitFor();
    }
    for (const page of [karl, ben]) {
      assert.equal(await page.getByText('cable').count(), 0, 'nobody else reads it, nor saw it being typed');
    }
    assert.equal(await ines.locator('[data-unread]').count(), 0, 'it is no message to the room');
    await usable(ana, 'messages to a booth');
    await shot(ana, '60-to-a-booth');
    await usable(ines, 'the lamp of a booth');
    await ines.locator('[data-message-lamp=lit] p').click({ trial: true });
    await shot(ines, '60-lamp');
    await ines.keyboard.press('r');
    await ines.locator('[data-message-lamp=dark]').waitFor({ state: 'attached' });
    await jana.locator('[data-message-lamp=lit]').waitFor();
    await ana.locator('[data-chat-to]').selectOption({ label: 'Everyone in the room' });
    await ana.locator('[data-do=type-live]').uncheck();
    await ana.getByRole('button', { name: 'Messages' }).click();
  });

  test('an interpreter is told what is wrong with the sound of whoever speaks', async () => {
    const judged = (quality) => ines.locator(`[data-quality="${quality}"]`).waitFor();
    // A tone is no speech, and nothing is said against it.
    await judged('good');
    await sounds(ben, 0);
    await judged('silent');
    for (const [quality, sound] of [['good', {}], ['narrow', { below: 3_400 }], ['quiet', { db: -50 }], ['distorted', { db: 0 }]]) {
      await speaks(ben, sound);
      await judged(quality);
      await ines.locator('[data-booth]').evaluate((it) => it.scrollTo(0, 0));
      await shot(ines, `60-sound-${quality}`);
    }
    // The longest words of all, where there is least room.
    await ines.emulateMedia({ colorScheme: 'dark' });
    for (const language of ['de', 'ru', 'ar', 'en']) {
      await ines.locator('.language').selectOption(language);
      await ines.waitForSelector(`html[lang=${language}]`);
      await ines.setViewportSize({ width: 360, height: 740 });
      await ines.locator('[data-quality]').scrollIntoViewIfNeeded();
      await shot(ines, `60-sound-distorted-${language}-360`);
      await fits(ines, `a bad sound in ${language}`);
      await ines.setViewportSize({ width: 1280, height: 800 });
      await shot(ines, `60-sound-distorted-${language}`);
    }
    await ines.emulateMedia({ colorScheme: 'light' });
    await speaks(ben);
    await judged('good');
    await fallsSilent(ben);
    await sounds(ben, 0.3);
  });

  test('a reload hears what was heard before', async () => {
    await ines.keyboard.press('a');
    await on(ines, 'me');
    await ana.reload();
    await ana.getByRole('button', { name: 'Return to the meeting' }).click();
    await lampBecomes(ana, 'closed');
    await hearsChannel(ana, 'channel');
    await isHeard(ana, INES);
    assert.equal(await ana.locator('[data-channel]').inputValue(), FRENCH);
  });

  test('in an open part the public chooses a language', async () => {
    await world.goto(meeting.open);
    await moveToOpen(ana);
    await deliberately(ben, 'Agree to open');
    await Promise.all([ana, ben, world].map((page) => lampBecomes(page, 'open')));
    await world.getByRole('button', { name: 'Watch and listen' }).click();
    await isHeard(world, BEN);
    // Like everybody, an interpreter is heard in public who has chosen to be.
    const appear = ines.getByRole('button', { name: 'Appear in public' });
    assert.equal(await appear.getAttribute('aria-keyshortcuts'), 'P');
    await ines.keyboard.press('p');
    assert.ok(await appear.isVisible(), 'a key that is only touched does nothing');
    await ines.keyboard.down('p');
    await appear.waitFor({ state: 'detached' });
    await ines.keyboard.up('p');
    const [full] = await levels(world, BEN);
    await world.selectOption('[data-channel]', FRENCH);
    await isHeard(world, INES);
    await until(async () => Math.abs((await levels(world, BEN))[0] - full - BENEATH_DB) < 2.5, { what: 'the floor beneath' });
    await usable(world, 'the public page with languages');
    await shot(world, '61-public-language', { fullPage: true });
    await world.selectOption('[data-channel]', '');
    await isSilent(world, INES);
  });

  test('desk and picker can be used by everybody', async () => {
    await usable(ines, 'desk');
    await ines.locator('[data-booth]').evaluate((it) => it.scrollTo(0, 0));
    await usable(ana, 'picker');
    await shot(ines, '62-desk');
    await ines.emulateMedia({ colorScheme: 'dark' });
    await usable(ines, 'desk in the dark');
    await shot(ines, '63-desk-dark');
    await ines.emulateMedia({ colorScheme: 'light' });
    await ines.locator('.language').selectOption('ar');
    await ines.waitForSelector('html[dir=rtl]');
    await shot(ines, '64-desk-arabic');
    await ines.locator('.language').selectOption('en');
    await ines.waitForSelector('html[dir=ltr]');
    await ines.setViewportSize({ width: 1440, height: 900 });
    await shot(ines, '64-desk-1440');
    await ines.keyboard.press('k');
    await shot(ines, '64-desk-1440-messages');
    await ines.keyboard.press('k');
    await ines.setViewportSize({ width: 1024, height: 768 });
    await shot(ines, '64-desk-1024');
    await fits(ines, 'the desk at 1024');
    for (const [page, name] of [[ana, '65-picker-360'], [ines, '66-desk-360']]) {
      await page.setViewportSize({ width: 360, height: 740 });
      await shot(page, name);
      await fits(page, name);
    }
  });

  test('no page complained', () => noComplaints([convener, north, ana, ben, ines, jana, karl, world]));
});
