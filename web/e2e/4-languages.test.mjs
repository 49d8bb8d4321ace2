// The interface in other languages: Arabic from right to left on a phone, changed in place without losing anything, and
// the pages of the public as the browser asks for them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, noComplaints, person, SIDES, TITLE } from './support/people.mjs';
import { usable } from './support/usable.mjs';

const PHONE = { viewport: { width: 320, height: 640 } };
const LANGUAGES = ['en', 'de', 'fr', 'es', 'ru', 'zh', 'ar'];
/** What the name of a person may not disturb, and the other way round. */
const ARABIC_NAME = 'ليلى حداد';

describe('languages', { concurrency: false }, () => {
  let house, browser, meeting;

  before(async () => {
    house = await openHouse();
    browser = await launch();
    meeting = await convene(await person(browser), house.convene);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  const visitor = (locale, options = {}) => person(browser, { bypassCSP: true, locale, ...options });
  const choose = (page, language) => page.selectOption('.language', language);
  const spoken = (page, language) =>
    page.locator(`html[lang="${language}"][dir="${language === 'ar' ? 'rtl' : 'ltr'}"]`).waitFor();

  /** What sticks out of the page to a side. */
  async function fits(page, where) {
    const wide = await page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width) return [];
      const out = [...document.querySelectorAll('body *')].filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        return right > width + 1 || left < -1;
      });
      return out.map((element) => element.outerHTML.slice(0, 120));
    });
    assert.deepEqual(wide, [], where);
  }

  test('the device check in Arabic on a phone', async () => {
    const page = await visitor('ar', PHONE);
    await page.goto(meeting.links[0]);
    await page.waitForSelector('.preview video');
    await spoken(page, 'ar');
    await page.fill('#name', ARABIC_NAME);
    await fits(page, 'device check');
    await usable(page, 'device check in Arabic');
    await shot(page, 'arabic-check');
    noComplaints([page]);
  });

  test('a change of language loses neither what was typed nor the link', async () => {
    const page = await visitor('ar', PHONE);
    await page.goto(meeting.links[0]);
    await page.waitForSelector('.preview video');
    await page.fill('#name', 'Ana Petrov');
    const before = await page.evaluate(() => {
      window.same = document.querySelector('#name');
      return location.href;
    });
    for (const language of LANGUAGES) {
      await choose(page, language);
      await spoken(page, language);
      await fits(page, `device check in ${language}`);
    }
    assert.equal(await page.inputValue('#name'), 'Ana Petrov');
    assert.equal(await page.evaluate(() => location.href), before);
    assert.ok(await page.evaluate(() => document.querySelector('#name') === window.same && window.same.isConnected));
    await choose(page, 'de');
    await page.getByRole('button', { name: 'Der Sitzung beitreten' }).waitFor();
    await page.reload();
    await spoken(page, 'de');
    await shot(page, 'german-check');
    noComplaints([page]);
  });

  test('in the room the lamp, the people and the link stay', async () => {
    const other = await convene(await person(browser), house.convene);
    const page = await visitor('en-GB');
    await page.goto(other.links[0]);
    await page.waitForSelector('.preview video');
    await page.fill('#name', ARABIC_NAME);
    await page.getByRole('button', { name: 'Join the meeting' }).click();
    await page.locator('[data-lamp="closed"]').waitFor();
    for (const [language, word] of [['de', 'Nicht öffentlich'], ['zh', '闭门'], ['ar', 'جلسة مغلقة']]) {
      await choose(page, language);
      await spoken(page, language);
      assert.equal(await page.locator('.lamp strong').textContent(), word);
      assert.match(await page.title(), new RegExp(`^${word}`));
      await usable(page, `room in ${language}`);
      await shot(page, `room-${language}`);
    }
    assert.equal(await page.locator('aside bdi', { hasText: ARABIC_NAME }).count(), 1);
    await page.setViewportSize(PHONE.viewport);
    await fits(page, 'room in Arabic');
    await shot(page, 'room-ar-phone');
    noComplaints([page]);
  });

  test('the convene page in Arabic on a phone', async () => {
    const page = await visitor('ar-EG', PHONE);
    await page.goto(house.convene);
    await spoken(page, 'ar');
    await page.fill('#title', TITLE);
    await page.fill('#delegation-1', ARABIC_NAME);
    assert.equal(await page.inputValue('#item-3'), 'البيانات الافتتاحية');
    const key = new URL(page.url()).hash;
    await page.getByText('الإعلان عن موعد').click();
    await page.locator('form button.primary').click();
    await page.locator('.wrong').first().waitFor();
    await fits(page, 'convene page');
    await usable(page, 'convene page in Arabic');
    await shot(page, 'arabic-convene');
    await choose(page, 'zh');
    await spoken(page, 'zh');
    assert.deepEqual([await page.inputValue('#title'), await page.inputValue('#delegation-1')], [TITLE, ARABIC_NAME]);
    assert.equal(new URL(page.url()).hash, key);
    await fits(page, 'convene page in Chinese');
    await shot(page, 'chinese-convene');
    noComplaints([page]);
  });

  test('the desk in Arabic on a phone', async () => {
    const page = await visitor('ar', PHONE);
    await page.goto(meeting.desks[1]);
    await page.locator('button.primary').click();
    await page.locator('[data-link="desk"]').waitFor();
    await spoken(page, 'ar');
    await page.fill('#mint-name', ARABIC_NAME);
    await fits(page, 'desk');
    await usable(page, 'desk in Arabic');
    await shot(page, 'arabic-desk');
    await choose(page, 'ru');
    await spoken(page, 'ru');
    assert.equal(await page.inputValue('#mint-name'), ARABIC_NAME);
    await fits(page, 'desk in Russian');
    noComplaints([page]);
  });

  test('the public reads in its own language, with and without a script', async () => {
    for (const javaScriptEnabled of [false, true]) {
      const page = await visitor('ar', { ...PHONE, javaScriptEnabled });
      await page.goto(`${house.url}/`);
      await spoken(page, 'ar');
      await fits(page, 'schedule');
      await page.getByRole('link', { name: TITLE }).first().click();
      await page.getByText('جلسة').or(page.getByText('لم يبدأ بعد')).first().waitFor();
      await fits(page, 'public page');
      await page.getByRole('link', { name: 'Deutsch' }).click();
      await spoken(page, 'de');
      await page.getByText('Noch nicht begonnen').or(page.getByText('Nicht öffentlich')).first().waitFor();
      // The language that was asked for is kept from page to page.
      await page.getByRole('link', { name: SIDES[0] }).click();
      await page.getByText('Mit wem').or(page.getByText('Alle Sitzungen dieses Hauses, deren')).first().waitFor();
      await spoken(page, 'de');
      noComplaints([page]);
    }
    const page = await visitor('ar');
    await page.goto(meeting.open);
    await page.locator('[data-lamp]').first().waitFor();
    await usable(page, 'public page in Arabic');
    await shot(page, 'arabic-public');
    const answer = await page.request.get(meeting.open, { headers: { 'accept-language': 'fr-CH, en;q=0.5' } });
    assert.match(answer.headers().vary ?? '', /accept-language/i);
    assert.match(await answer.text(), /<html lang="fr" dir="ltr"/);
    await until(async () => (await page.locator('.languages a').count()) === LANGUAGES.length, { what: 'all languages' });
  });
});
