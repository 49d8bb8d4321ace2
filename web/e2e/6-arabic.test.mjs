// A whole meeting in Arabic, from right to left, on the smallest screen there is and at twice the size: nothing is cut off, nothing
// scrolls sideways, nothing lies on anything else, and whoever uses the keyboard sees where they are.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, PATIENCE_MS, shot, until } from './support/browser.mjs';
import { onCamera } from './support/cast.mjs';
import { fits, focusIsSeen } from './support/fits.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, joinByLetter, lampBecomes, makeKey, mint, noComplaints, person, sees, taken } from './support/people.mjs';
import { usable } from './support/usable.mjs';

const PEOPLE = { elena: 'ليلى حدّاد', tomas: 'Tomas Iversen', ines: 'إيناس قاسم' };
const SMALL = { width: 320, height: 640 };
/** What a window of 1280 × 800 has at 200 %. */
const TWICE = { width: 640, height: 400 };
const PICKER = { width: 360, height: 640 };

describe('in Arabic, on a small screen', { concurrency: false }, () => {
  let house, elena, tomas, ines, desk, world, meeting;
  const browsers = [];
  const letters = {};
  const arabic = { locale: 'ar', viewport: SMALL };

  /** Both screens, looked at. */
  async function look(page, name) {
    for (const [size, viewport] of [['320', SMALL], ['200', TWICE]]) {
      await page.setViewportSize(viewport);
      assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl');
      await shot(page, `arabic-${name}-${size}`);
      await fits(page, `${name} at ${size}`);
      await usable(page, `${name} at ${size}`);
    }
    await page.setViewportSize(SMALL);
  }

  async function enter(page, link) {
    await page.goto(link);
    await page.waitForSelector('.preview video');
    await page.locator('button.primary').click();
    await lampBecomes(page, 'closed');
  }

  before(async () => {
    house = await openHouse();
    const cast = await Promise.all([
      onCamera('arabic-1', { wall: [92, 72, 112], tone: 700, ...arabic }),
      onCamera('arabic-2', { wall: [122, 66, 58], tone: 1_100, locale: 'en' }),
    ]);
    browsers.push(...cast.map(({ browser }) => browser), await launch());
    [elena, tomas] = cast.map(({ page }) => page);
    [ines, desk, world] = await Promise.all([0, 1, 2].map(() => person(browsers[2], { bypassCSP: true, locale: 'en' })));
    meeting = await convene(desk, house.convene, {
      title: 'محادثات بشأن مياه الوادي الأعلى',
      sides: ['سلطنة إسمار', 'Kingdom of Borland'],
      agenda: [{ title: 'كلمات الترحيب' }, { title: 'المعابر الحدودية', ground: 'المادة 12 من النظام الداخلي' }],
      languages: ['en', 'ar', 'fr'],
    });
    await makeKey(desk, meeting.desks[1]);
    letters.tomas = await mint(desk, { name: PEOPLE.tomas, role: 'principal' });
    await makeKey(desk, meeting.desks[0]);
    letters.elena = await mint(desk, { name: PEOPLE.elena, role: 'principal' });
    letters.ines = await mint(desk, { name: PEOPLE.ines, role: 'interpreter' });
  });
  after(async () => {
    await Promise.all(browsers.map((it) => it.close()));
    await house?.close();
  });

  const speakArabic = async (page) => {
    await page.locator('select').filter({ has: page.locator('option[value=ar]') }).first().selectOption('ar');
    await until(() => page.evaluate(() => document.documentElement.dir === 'rtl'), { what: 'right to left' });
  };

  test('the device check', async () => {
    await elena.goto(letters.elena);
    await elena.waitForSelector('.preview video');
    await look(elena, 'check');
    await focusIsSeen(elena, 12, 'the device check by keyboard');
  });

  test('the room, its people and code, the list of speakers', async () => {
    await elena.locator('button.primary').click();
    await lampBecomes(elena, 'closed');
    await joinByLetter(tomas, letters.tomas);
    await lampBecomes(tomas, 'closed');
    await sees(elena, 10);
    await look(elena, 'room');
    await focusIsSeen(elena, 14, 'the room by keyboard');
    await tomas.keyboard.press('h');
    await elena.click('[data-do=details]');
    await elena.locator(`[data-asking="${PEOPLE.tomas}"]`).scrollIntoViewIfNeeded();
    await look(elena, 'floor');
    await elena.locator(`[data-asking="${PEOPLE.tomas}"] button`).click();
    await elena.locator(`[data-speaker="${PEOPLE.tomas}"]`).waitFor();
    await elena.locator('#floor-title').scrollIntoViewIfNeeded();
    await look(elena, 'speaker');
    await elena.click('[data-do=details]');
  });

  test('the messages', async () => {
    await elena.click('[data-do=chat]');
    await elena.locator('textarea').fill('هل يمكننا تأجيل البند الثاني إلى ما بعد الظهر؟');
    await elena.keyboard.press('Enter');
    await tomas.locator('[data-unread]').waitFor();
    await look(elena, 'chat');
    await elena.click('[data-do=chat]');
  });

  test('devices and the choice of a language', async () => {
    await elena.click('[data-do=equipment]');
    await look(elena, 'devices');
    await elena.click('[data-do=equipment]');
    await elena.setViewportSize(PICKER);
    await elena.selectOption('[data-channel]', { index: 2 });
    await fits(elena, 'the choice of a channel at 360');
    await usable(elena, 'the choice of a channel at 360');
    await shot(elena, 'arabic-channel-360');
    const languages = elena.locator('select').filter({ has: elena.locator('option[value=ru]') }).first();
    const { width, height } = await languages.boundingBox();
    assert.ok(width >= 44 && height >= 24, `${width} × ${height}`);
    await elena.selectOption('[data-channel]', { index: 0 });
    await elena.setViewportSize(SMALL);
  });

  test('the interpreter’s desk', async () => {
    await ines.goto(letters.ines);
    await ines.waitForSelector('.preview video');
    await ines.getByLabel('Use the camera').uncheck();
    await ines.getByRole('button', { name: 'Join the meeting' }).click();
    await ines.locator('[data-booth]').waitFor();
    await speakArabic(ines);
    await ines.keyboard.press('Shift+Digit2');
    await ines.keyboard.press('a');
    await look(ines, 'booth');
  });

  test('the consent, and the public page while the doors are open', async () => {
    await tomas.click('[data-do=open]');
    await deliberately(tomas, 'Move to open');
    await elena.locator('dialog').waitFor();
    await elena.waitForFunction(() => document.querySelector('dialog').getAnimations().length === 0);
    await look(elena, 'consent');
    const agree = elena.locator('dialog button:not([data-neutral])').last();
    await taken(agree);
    await Promise.all([elena, tomas].map((page) => lampBecomes(page, 'open')));
    await look(elena, 'open');
    const context = await browsers[2].newContext({ locale: 'ar', bypassCSP: true, viewport: SMALL });
    context.setDefaultTimeout(PATIENCE_MS);
    await world.context().close();
    world = await context.newPage();
    world.heard = [];
    world.on('pageerror', (error) => world.heard.push(`${error}`));
    await world.goto(meeting.open);
    await lampBecomes(world, 'open');
    await look(world, 'public-before');
    await world.locator('#stage button, .stage button').first().click();
    await world.locator('.tiles video').first().waitFor();
    await look(world, 'public');
    await focusIsSeen(world, 8, 'the public page by keyboard');
  });

  test('the delegation’s desk', async () => {
    await speakArabic(desk);
    await look(desk, 'desk');
    await focusIsSeen(desk, 10, 'the desk by keyboard');
  });

  test('in the dark, and with colours of the reader’s own', async () => {
    for (const [name, media] of [['dark', { colorScheme: 'dark' }], ['forced', { forcedColors: 'active' }]]) {
      for (const [page, where] of [[elena, 'room'], [world, 'public'], [desk, 'desk']]) {
        await page.emulateMedia(media);
        await fits(page, `${where}, ${name}`);
        if (name === 'dark') await usable(page, `${where}, ${name}`);
        await shot(page, `arabic-${where}-${name}`);
        await page.emulateMedia({ colorScheme: null, forcedColors: null });
      }
    }
  });

  test('no page complained', () => noComplaints([elena, tomas, ines, desk, world]));
});
