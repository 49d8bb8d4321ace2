// Before, during and after, as the public sees it: announced, held, and told by both sides in their own words; with a
// script and without one, by keyboard, on a telephone, in the dark.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse, verify } from './support/house.mjs';
import {
  CLOSED_ITEM, convene, deliberately, GROUND, joinByLetter, lampBecomes, lampOf, makeKey, mint, noComplaints, person,
  shownLink, SIDES, TITLE,
} from './support/people.mjs';
import { usable } from './support/usable.mjs';

const HOUR_MS = 3_600_000;

/** What a `datetime-local` field takes, in this machine's zone. */
const input = (ms) => {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
};

describe('the public side of a meeting', { concurrency: false }, () => {
  let house, browser, convener, ana, ben, north, south, viewer, plain, phone, meeting, own;
  const start = Math.ceil((Date.now() + 26 * HOUR_MS) / 60_000) * 60_000;

  before(async () => {
    house = await openHouse();
    browser = await launch();
    const open = (options) => person(browser, { bypassCSP: true, ...options });
    [convener, ana, ben, north, south, viewer, phone] = await Promise.all([
      open(), open(), open(), open(), open(), open(),
      open({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' }),
    ]);
    plain = await person(browser, { javaScriptEnabled: false });
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  /** The page is usable on a telephone in the dark as well, and nothing hangs over its edge. */
  const everywhere = async (path, name) => {
    await usable(viewer, name);
    await shot(viewer, `40-${name}`);
    await phone.goto(house.url + path);
    await until(async () => (await phone.locator('[data-lamp], #schedule, #delegation').count()) > 0, { what: name });
    await usable(phone, `${name}, telephone`);
    const over = await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(over, 0, `${name} hangs over the edge`);
    await shot(phone, `41-${name}-phone`, { fullPage: true });
  };
  /** Nobody writes captions yet. Whoever does finds a place that is read as well as anything else on the page. */
  const captioned = async () => {
    const captions = viewer.locator('[data-captions]');
    assert.equal(await captions.isVisible(), false);
    await captions.evaluate((it) => (it.textContent = 'Elena Marsh: We have come to agree on the water of the upper valley.'));
    assert.equal(await captions.isVisible(), true);
    await usable(viewer, 'open, with captions');
    await shot(viewer, '40-captions');
    await captions.evaluate((it) => (it.textContent = ''));
  };
  const text = (page) => page.locator('body').innerText();

  test('it is convened with a time, under an embargo, and nobody outside is told', async () => {
    await convener.goto(house.convene);
    await convener.fill('#title', TITLE);
    await convener.fill('#delegation-1', SIDES[0]);
    await convener.fill('#delegation-2', SIDES[1]);
    await convener.fill('#item-3', 'Opening statements');
    await convener.fill('#item-4', CLOSED_ITEM);
    await convener.fill('#ground-4', GROUND);
    await convener.getByLabel('Announce a time').check();
    await convener.fill('#start', input(start));
    await convener.selectOption('#minutes', '90');
    await convener.fill('#place', 'By video');
    await convener.getByLabel('Not public before a certain time').check();
    await convener.fill('#from', input(start - HOUR_MS));
    await usable(convener, 'convening with an announcement');
    await shot(convener, '42-convene-plan', { fullPage: true });
    await convener.getByRole('button', { name: 'Convene', exact: true }).click();
    await convener.waitForSelector('[data-link]');
    const desks = [];
    for (const side of SIDES) desks.push(await shownLink(convener, `Desk of ${side}`, `desk ${side}`));
    own = await shownLink(convener, 'Your own link, as convener', 'convener');
    const open = await convener.locator('.public a').innerText();
    meeting = { desks, open, path: new URL(open).pathname };
    await shot(convener, '42-convene-links', { fullPage: true });

    await plain.goto(house.url);
    assert.ok(!(await text(plain)).includes(TITLE));
    const answer = await plain.goto(meeting.open);
    assert.equal(answer.status(), 404);
    assert.ok(!(await text(plain)).includes(TITLE));
    for (const feed of ['/feed.atom', '/calendar.ics']) {
      assert.ok(!(await (await fetch(house.url + feed)).text()).includes(TITLE), feed);
    }
  });

  test('the delegations open their desks all the same', async () => {
    await makeKey(north, meeting.desks[0]);
    await makeKey(south, meeting.desks[1]);
  });

  test('the convener ends the embargo and moves the meeting; both stand there as versions', async () => {
    await convener.goto(own);
    await convener.getByRole('heading', { name: 'Announce the meeting' }).waitFor();
    await convener.locator('#start').waitFor();
    assert.equal(await convener.inputValue('#start'), input(start));
    assert.ok(!convener.url().includes('#'), 'the secret is out of the address');
    await convener.fill('#start', input(start + HOUR_MS));
    await convener.getByLabel('Not public before a certain time').uncheck();
    await usable(convener, 'convener');
    await convener.getByRole('button', { name: 'Announce the change' }).click();
    await convener.getByText('Announced.', { exact: true }).waitFor();
    await shot(convener, '43-convener');

    await viewer.goto(house.url);
    await viewer.getByRole('link', { name: TITLE }).waitFor();
    assert.match(await text(viewer), /To come/);
    assert.match(await text(viewer), /planned for 1 h 30 min\. By video\. Moved from/);
    await everywhere('/', 'schedule');
    await viewer.keyboard.press('Tab');
    await viewer.keyboard.press('Enter');
    await viewer.waitForURL(meeting.open);
  });

  test('its page counts down, with a script and says the time without one', async () => {
    await viewer.getByRole('timer').filter({ hasText: /^In 1 day, \d hours?$/ }).waitFor();
    assert.match(await text(viewer), /Moved from/);
    assert.equal(await lampOf(viewer), 'convened');
    await everywhere(meeting.path, 'announced');
    await plain.goto(meeting.open);
    assert.match(await text(plain), /To begin \d+ \w+ \d{4}, \d\d:\d\d UTC/);
    assert.match(await text(plain), new RegExp(CLOSED_ITEM));
    await shot(plain, '44-announced-plain', { fullPage: true });
    const preview = (property) => plain.locator(`meta[property="og:${property}"]`).getAttribute('content');
    assert.equal(await preview('title'), `Not yet begun · ${TITLE}`);
    assert.match(await preview('description'), /To begin on/);
    assert.equal(await preview('type'), 'website');
    assert.equal(await preview('url'), meeting.open);
    const picture = await fetch(await preview('image'));
    assert.equal(picture.headers.get('content-type'), 'image/png');
  });

  test('it is held: a short open part, seen live', async () => {
    await joinByLetter(ana, await mint(north, { name: 'Elena Marsh', role: 'principal' }));
    await lampBecomes(ana, 'closed');
    await joinByLetter(ben, await mint(south, { name: 'Tomas Iversen', role: 'principal' }));
    await lampBecomes(ben, 'closed');
    await lampBecomes(viewer, 'closed');
    await viewer.getByText('Elena Marsh').waitFor();
    await everywhere(meeting.path, 'closed');
    // And going to a public one proposes to open them for it.
    await ana.locator('[data-take-up="0"]').click();
    assert.equal(await ana.locator('#open-item').inputValue(), '0');
    await deliberately(ana, 'Move to open');
    await deliberately(ben, 'Agree to open');
    await lampBecomes(viewer, 'open');
    await everywhere(meeting.path, 'open');
    await plain.goto(meeting.open);
    assert.match(await text(plain), /In public since/);
    // Where picture and sound will be is kept free, but no button that can do nothing is in sight.
    assert.equal(await plain.locator('#stage button').count(), 1);
    assert.equal(await plain.locator('#stage button').isVisible(), false);
    await viewer.getByRole('button', { name: 'Watch and listen' }).click();
    await until(async () => (await viewer.locator('.tiles video').count()) === 2, { what: 'two pictures' });
    await captioned();
    // Going to an item that is meant for closed doors closes them, for that item.
    await ana.locator('[data-take-up="1"]').click();
    await lampBecomes(viewer, 'closed');
    await viewer.locator('#now').getByText(`Agenda item 2: ${CLOSED_ITEM}`).waitFor();
    await viewer.locator('#facts').getByText('In public', { exact: true }).waitFor();
  });

  test('one side writes its readout in two languages; a reload keeps the draft', async () => {
    await north.fill('#readout-text-0', '# Outcome\n\nWe agreed on **water**.\n\n- gauges\n- data\n\n<script>alert(1)</script>');
    await north.getByRole('button', { name: 'Add a language' }).first().click();
    await north.fill('#readout-language-1', 'fr');
    await north.fill('#readout-text-1', 'Nous sommes *convenus* de l’eau.');
    await north.locator('[data-editor=readout]').getByRole('button', { name: 'Preview' }).click();
    await north.locator('[data-preview=en] strong').getByText('water').waitFor();
    await usable(north, 'desk with a draft');
    await shot(north, '45-desk-draft', { fullPage: true });
    const kept = () => north.evaluate(() => Object.values(sessionStorage).join());
    const before = await kept();
    await north.fill('#readout-text-1', 'Nous sommes *convenus* de l’eau, et de rien d’autre.');
    await until(async () => (await kept()) !== before, { what: 'the draft is kept' });
    assert.ok(!(await kept()).includes('convenus'), 'and not in clear');
    await north.reload();
    await until(async () => (await north.inputValue('#readout-text-1').catch(() => '')).includes('rien'), {
      what: 'the draft is back',
    });
    assert.match(await north.inputValue('#readout-text-0'), /gauges/);
  });

  test('it publishes before the meeting is over, after it was shown exactly what becomes public', async () => {
    await until(() => north.locator('[data-editor=readout] button.primary').isEnabled(), { what: 'the desk is back' });
    await north.getByRole('button', { name: 'Publish…' }).click();
    const dialog = north.locator('dialog');
    await dialog.getByText('Publish this as the readout').waitFor();
    await dialog.locator('li').getByText('gauges').waitFor();
    assert.match(await dialog.innerText(), /<script>alert\(1\)<\/script>/);
    await usable(north, 'before publishing');
    await shot(north, '46-publish');
    await deliberately(north, 'Sign and publish');
    await north.locator('[data-published="1"]').waitFor();
    const shown = viewer.locator('[data-readout="0"]');
    await shown.locator('.prose').getByText('We agreed on').waitFor();
    assert.equal(await viewer.locator('#readouts script').count(), 0);
    await shown.getByText('Signature checked by your browser').waitFor();
    // The other language opens at a touch, and then it is the only one.
    await shown.getByText('Français').click();
    await shown.locator('.prose').getByText('Nous sommes').waitFor();
    assert.equal(await shown.locator('.prose').getByText('We agreed on').isVisible(), false);
  });

  test('adjourned: the other side tells its own story, the first corrects, and they sign one together', async () => {
    await ana.click('[data-do=adjourn]');
    await deliberately(ana, 'Adjourn for everybody');
    await lampBecomes(viewer, 'adjourned');
    await lampBecomes(south, 'adjourned');
    await south.fill('#readout-text-0', 'We listened, and agreed on nothing.');
    await south.getByRole('button', { name: 'Publish…' }).click();
    await deliberately(south, 'Sign and publish');
    await south.locator('[data-published="1"]').waitFor();

    await north.fill('#readout-text-0', '# Outcome\n\nWe agreed on **water gauges**.');
    await north.getByRole('button', { name: 'Publish the correction…' }).click();
    await deliberately(north, 'Sign and publish');
    await north.locator('[data-published="2"]').waitFor();

    await north.getByText('Put a text before the others').click();
    await north.fill('#joint-text-0', 'Both sides will meet again in spring.');
    await north.getByRole('button', { name: 'Sign and put it before the others…' }).click();
    await deliberately(north, 'Sign and send');
    await south.locator('[data-joint]').getByText('meet again in spring').waitFor();
    await plain.goto(meeting.open);
    assert.ok(!(await text(plain)).includes('spring'), 'one signature makes nothing public');
    await south.getByRole('button', { name: 'Read and sign…' }).click();
    await deliberately(south, 'Sign');
    await south.locator('[data-joint]').getByText('It is public.').waitFor();
    await plain.goto(meeting.open);
    assert.ok((await text(plain)).includes('spring'), 'both have signed');

    await south.getByRole('button', { name: 'Write a correction' }).click();
    await south.fill('#joint-text-0', 'Both sides will meet again in spring, in the south.');
    await south.getByRole('button', { name: 'Sign and put it before the others…' }).click();
    await deliberately(south, 'Sign and send');
    await north.locator('[data-joint]').getByText('in the south').waitFor();
    await plain.goto(meeting.open);
    assert.ok(!(await text(plain)).includes('in the south'), 'a correction too is signed by both');
    await north.getByRole('button', { name: 'Read and sign…' }).click();
    await deliberately(north, 'Sign');
    await north.locator('[data-joint]').getByText('Version 2.').waitFor();
    await north.locator('[data-joint]').nth(1).getByText('It is public.').waitFor();
    await usable(south, 'desk of an adjourned meeting');
    await shot(south, '47-desk-adjourned', { fullPage: true });
  });

  test('the page shows them side by side, the old version too, and anybody’s browser checks who signed', async () => {
    await viewer.goto(meeting.open);
    await until(async () => (await viewer.locator('[data-checked=holds]').count()) === 3, { what: 'all are checked' });
    assert.equal(await viewer.locator('[data-checked=fails]').count(), 0);
    const order = await viewer.locator('[data-readout] h3').allInnerTexts();
    assert.deepEqual(order, SIDES);
    await viewer.locator('[data-readout]').getByText('Earlier versions (1)').click();
    await viewer.locator('.versions').getByText('gauges', { exact: true }).waitFor();
    await viewer.getByText(`Joint statement of ${SIDES[0]} and ${SIDES[1]}`).waitFor();
    assert.equal(await viewer.locator('[data-joint]').count(), 1, 'it stands there once');
    await viewer.locator('[data-joint]').getByText('Version 2, published').waitFor();
    await everywhere(meeting.path, 'adjourned');
    await shot(viewer, '48-adjourned', { fullPage: true });
    await plain.goto(meeting.open);
    for (const word of ['agreed on nothing', 'water gauges', 'meet again in spring', 'It lasted', 'Elena Marsh, principal', 'Tomas Iversen, principal']) {
      assert.ok((await text(plain)).includes(word), word);
    }
    await plain.emulateMedia({ media: 'print' });
    await shot(plain, '49-print', { fullPage: true });
    await plain.emulateMedia({ media: 'screen' });
  });

  test('anybody’s browser checks the whole record, by the rules of incamera verify', async () => {
    await viewer.goto(meeting.open);
    const check = viewer.getByRole('button', { name: 'Check the record' });
    await check.click();
    await viewer.locator('[data-record=holds]').waitFor();
    const said = await viewer.locator('#record').innerText();
    const report = await verify(meeting.open);
    assert.deepEqual(report.problems, []);
    assert.ok(said.includes(`${report.entries} entries`), said);
    assert.ok(said.includes('Elena Marsh') && said.includes('Tomas Iversen'), said);
    assert.ok(said.includes(`incamera verify ${meeting.open}`), said);
    await usable(viewer, 'a record that was checked');
    await shot(viewer.locator('#record'), '48-record');
  });

  test('a record that somebody altered on the way does not hold, and the page says where', async () => {
    const altered = async (route) => {
      const answer = await route.fetch();
      const body = await answer.body();
      // A delegation's claim, in an entry: one digit of its signature.
      const at = body.indexOf('slot_claimed') + 60;
      body[at] = body[at] === 65 ? 66 : 65;
      await route.fulfill({ response: answer, body });
    };
    await viewer.context().route('**/m/*/record/tile/entries/**', altered);
    await viewer.goto(meeting.open);
    await viewer.getByRole('button', { name: 'Check the record' }).click();
    await viewer.locator('[data-record=fails]').waitFor();
    assert.match(await viewer.locator('#record li').first().innerText(), /^Entry \d+: /);
    await shot(viewer.locator('#record'), '48-record-altered');
    await viewer.context().unroute('**/m/*/record/tile/entries/**', altered);
  });

  test('a readout that somebody altered on the way fails the check and says so', async () => {
    const page = await person(browser);
    await page.route('**/readouts', async (route) => {
      const answer = await route.fetch();
      const published = await answer.json();
      for (const it of published.readouts) {
        const at = Math.floor(it.readout.length / 2);
        it.readout = it.readout.slice(0, at) + (it.readout[at] === 'A' ? 'B' : 'A') + it.readout.slice(at + 1);
      }
      await route.fulfill({ response: answer, json: published });
    });
    await page.goto(meeting.open);
    await until(async () => (await page.locator('[data-checked=fails]').count()) === 2, { what: 'both are found out' });
    await page.locator('[data-readout="0"]').getByText('The signature does not hold').waitFor();
  });

  test('a side has a page of its own, and the feeds name the meeting', async () => {
    await viewer.goto(house.url);
    await viewer.getByRole('link', { name: TITLE }).click();
    await viewer.locator('#facts').getByRole('link', { name: SIDES[0] }).click();
    await viewer.getByRole('heading', { name: SIDES[0] }).waitFor();
    assert.match(await text(viewer), /Last met .+; once/);
    await everywhere(new URL(viewer.url()).pathname, 'delegation');
    const calendar = await (await fetch(`${house.url}/calendar.ics`)).text();
    assert.match(calendar, /SEQUENCE:4/);
    assert.match(await (await fetch(`${house.url}/feed.atom`)).text(), /Readouts have been published/);
  });

  test('no page complained', () => noComplaints([ana, ben, north, south, viewer, phone]));
});
