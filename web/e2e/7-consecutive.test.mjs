// A talk between two, interpreted consecutively: one speaks Arabic, the other Chinese, and no interpreter has both. A passage is
// spoken and ended; then it is rendered into English, and from English, by relay, into the language of the other side.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { isHeard, isSilent, tapsTheLoudspeaker, hearsTone } from './support/ears.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, joinByLetter, lampBecomes, makeKey, mint, moveToOpen, noComplaints, person } from './support/people.mjs';

/** What the microphones hear, in hertz: two who speak, and two who interpret. */
const [LAYLA, WEN, NADIA, LIN] = [700, 1_300, 2_100, 2_900];
const SIDES = ['Kingdom of Qamar', 'Republic of Jinhe'];
/** The numbers of the languages in the charter, and the keys of their booths. */
const [ARABIC, ENGLISH, CHINESE] = ['0', '1', '2'];
const [TO_ARABIC, TO_ENGLISH, TO_CHINESE] = ['Shift+Digit1', 'Shift+Digit2', 'Shift+Digit3'];
const [FROM_FLOOR, FROM_ENGLISH] = ['0', '2'];
const FLOOR = [FROM_FLOOR, 'floor'];

const air = (page, who) => page.locator(`[data-air="${who}"]`).waitFor();
const comesIn = (page, source) => page.locator(`[data-incoming="${source}"]`).waitFor();

describe('a talk between two, interpreted consecutively through two booths', { concurrency: false }, () => {
  let house, browser, convener, north, south, layla, wen, nadia, lin, world, meeting;

  const somebody = async (hertz) => {
    const page = await person(browser, { bypassCSP: true });
    await page.context().addInitScript(tapsTheLoudspeaker);
    if (hertz) await page.context().addInitScript(hearsTone, hertz);
    return page;
  };

  const hearsFrom = async (page, key, source) => {
    if ((await page.locator(`[data-incoming="${source}"]`).count()) > 0) return;
    await page.keyboard.press(key);
    await page.keyboard.press('x');
    await comesIn(page, source);
  };

  /** An interpreter goes to a booth, and works there from a source. Nobody can be in the booth of what they hear. */
  async function sits(page, { booth, language, from, incoming }) {
    await hearsFrom(page, ...FLOOR);
    await page.keyboard.press(booth);
    await page.locator(`[data-booth="${language}"]`).waitFor();
    await hearsFrom(page, from, incoming);
  }

  /** One side has the floor and speaks, until it has said what it had to say; all others hear it, and it is closed by silence. */
  async function speaks({ who, name, hertz, gives, heardBy }) {
    await who.keyboard.press('h');
    await gives.getByRole('button', { name: `Give the floor to ${name}` }).click();
    await who.locator('[data-mine]').waitFor();
    await who.keyboard.press('m');
    for (const page of heardBy) await isHeard(page, hertz);
    await who.keyboard.press('m');
    await who.locator('[data-do=yield]').click();
    for (const page of heardBy) await isSilent(page, hertz);
  }

  /** An interpreter has the microphone of the booth for one passage: whoever listens hears it, nobody else does. */
  async function renders({ who, hertz, heardBy, notBy }) {
    await who.keyboard.press('a');
    await air(who, 'me');
    for (const page of heardBy) await isHeard(page, hertz);
    for (const page of notBy) await isSilent(page, hertz);
    await who.keyboard.press('a');
    await air(who, 'nobody');
    for (const page of heardBy) await isSilent(page, hertz);
  }

  before(async () => {
    [house, browser] = await Promise.all([openHouse(), launch()]);
    [convener, north, south, layla, wen, nadia, lin, world] = await Promise.all(
      [0, 0, 0, LAYLA, WEN, NADIA, LIN, 0].map(somebody),
    );
    meeting = await convene(convener, house.convene, { sides: SIDES, languages: ['ar', 'en', 'zh'] });
    await makeKey(north, meeting.desks[0]);
    await makeKey(south, meeting.desks[1]);
    const letters = {
      layla: await mint(north, { name: 'Layla Haddad', role: 'principal' }),
      nadia: await mint(north, { name: 'Nadia Saleh', role: 'interpreter' }),
      wen: await mint(south, { name: 'Wen Jie', role: 'principal' }),
      lin: await mint(south, { name: 'Lin Mei', role: 'interpreter' }),
    };
    for (const [page, letter] of [[layla, letters.layla], [wen, letters.wen]]) {
      await joinByLetter(page, letter);
      await lampBecomes(page, 'closed');
      await page.keyboard.press('m');
    }
    await wen.keyboard.press('v');
    for (const [page, letter] of [[nadia, letters.nadia], [lin, letters.lin]]) {
      await page.goto(letter);
      await page.waitForSelector('.preview video');
      await page.getByLabel('Use the camera').uncheck();
      await page.getByRole('button', { name: 'Join the meeting' }).click();
      await page.locator('[data-booth]').waitFor();
    }
    await layla.selectOption('[data-channel]', ARABIC);
    await wen.selectOption('[data-channel]', CHINESE);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('behind closed doors: a passage in Arabic comes into Chinese by way of English', async () => {
    await sits(nadia, { booth: TO_ENGLISH, language: 'en', from: FROM_FLOOR, incoming: 'floor' });
    await sits(lin, { booth: TO_CHINESE, language: 'zh', from: FROM_ENGLISH, incoming: ENGLISH });
    await speaks({ who: layla, name: 'Layla Haddad', hertz: LAYLA, gives: wen, heardBy: [nadia, wen] });
    await renders({ who: nadia, hertz: NADIA, heardBy: [lin], notBy: [wen, layla] });
    await renders({ who: lin, hertz: LIN, heardBy: [wen], notBy: [nadia, layla] });
    await shot(lin, '70-consecutive-relay');
  });

  test('and the answer comes back: the interpreters change their booths, and the relay runs the other way', async () => {
    await sits(lin, { booth: TO_ENGLISH, language: 'en', from: FROM_FLOOR, incoming: 'floor' });
    await sits(nadia, { booth: TO_ARABIC, language: 'ar', from: FROM_ENGLISH, incoming: ENGLISH });
    await speaks({ who: wen, name: 'Wen Jie', hertz: WEN, gives: layla, heardBy: [lin, layla] });
    await renders({ who: lin, hertz: LIN, heardBy: [nadia], notBy: [wen, layla] });
    await renders({ who: nadia, hertz: NADIA, heardBy: [layla], notBy: [wen, lin] });
  });

  test('in public: the gallery hears the language that it chose, and the floor', async () => {
    await world.goto(meeting.open);
    await moveToOpen(layla);
    await deliberately(wen, 'Agree to open');
    await Promise.all([layla, wen, world].map((page) => lampBecomes(page, 'open')));
    for (const page of [nadia, lin]) {
      await page.keyboard.down('p');
      await page.getByRole('button', { name: 'Appear in public' }).waitFor({ state: 'detached' });
      await page.keyboard.up('p');
    }
    await world.getByRole('button', { name: 'Watch and listen' }).click();
    await world.selectOption('[data-channel]', ENGLISH);
    await speaks({ who: wen, name: 'Wen Jie', hertz: WEN, gives: layla, heardBy: [lin, world] });
    await renders({ who: lin, hertz: LIN, heardBy: [nadia, world], notBy: [layla] });
    await renders({ who: nadia, hertz: NADIA, heardBy: [layla], notBy: [world] });
    await shot(nadia, '71-consecutive-open');
    await shot(world, '72-consecutive-public');
  });

  test('closed again: the talk goes on, and the gallery hears nothing of it', async () => {
    await layla.click('[data-do=close]');
    await Promise.all([layla, wen, nadia, lin, world].map((page) => lampBecomes(page, 'closed')));
    const outside = { heardBy: [lin], notBy: [world] };
    await speaks({ who: wen, name: 'Wen Jie', hertz: WEN, gives: layla, heardBy: outside.heardBy });
    await renders({ who: lin, hertz: LIN, heardBy: [nadia], notBy: outside.notBy });
    await renders({ who: nadia, hertz: NADIA, heardBy: [layla], notBy: outside.notBy });
    await until(async () => (await world.locator('video').count()) === 0 || (await world.locator('[data-lamp=closed]').count()) > 0, {
      what: 'the gallery says that it is closed',
    });
    assert.equal(await world.locator('[data-lamp]').first().getAttribute('data-lamp'), 'closed');
  });

  test('no page complained', () => noComplaints([convener, north, south, layla, wen, nadia, lin, world]));
});
