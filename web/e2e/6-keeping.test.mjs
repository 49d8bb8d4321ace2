// What a tab keeps for a reload: enough for the same seat, nothing in clear, and nothing when it is no longer needed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, join, lampBecomes, makeKey, person, sees, shownLink, SIDES } from './support/people.mjs';
import { found, secretsOf } from './support/secrets.mjs';
import { usable } from './support/usable.mjs';

/** All that a page of this origin can find in the browser's storage. */
const stores = (page) =>
  page.evaluate(async () => {
    const rows = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      for (const store of database.objectStoreNames) {
        const all = await new Promise((resolve) => {
          const request = database.transaction(store).objectStore(store).getAll();
          request.onsuccess = () => resolve(request.result);
        });
        for (const row of all) {
          const taken = await crypto.subtle.exportKey('raw', row.key).then(() => true, () => false);
          rows.push({ text: JSON.stringify(row), extractable: row.key.extractable, taken, usages: row.key.usages });
        }
      }
      database.close();
    }
    return {
      session: Object.entries({ ...sessionStorage }),
      local: Object.entries({ ...localStorage }),
      cookies: document.cookie,
      caches: await caches.keys(),
      rows,
    };
  });

describe('what a tab keeps', { concurrency: false }, () => {
  let house, browser, ana, ben, meeting;

  before(async () => {
    house = await openHouse();
    browser = await launch();
    [ana, ben] = await Promise.all([person(browser, { bypassCSP: true }), person(browser, { bypassCSP: true })]);
    meeting = await convene(ben, house.convene);
    await join(ana, meeting.links[0], 'Elena Marsh');
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  const another = async () => convene(await person(browser), house.convene);
  const obstacle = (page) => page.locator('[data-obstacle]').getAttribute('data-obstacle');
  const peopleOf = async (page) => (await page.locator('aside .delegation').allInnerTexts()).join('\n');
  const keysOf = async (page) => (await stores(page)).rows.length;
  const keptOf = async (page) => (await stores(page)).session.length;

  test('is ciphertext in the tab’s session and a key that nobody can take out of the browser', async () => {
    const deskLink = await (async () => {
      const link = await shownLink(ana, 'Link of the desk', 'desk');
      await ana.getByRole('button', { name: 'Hide: Link of the desk' }).click();
      return link;
    })();
    const secrets = [meeting.links[0], deskLink].flatMap(secretsOf);
    const { session, local, cookies, caches, rows } = await stores(ana);
    assert.deepEqual([local, cookies, caches], [[], '', []]);
    assert.equal(session.length, 1);
    const [[name, value]] = session;
    assert.equal(name, `incamera:room:${meeting.meeting}`);
    assert.deepEqual(Object.keys(JSON.parse(value)).toSorted(), ['id', 'nonce', 'sealed']);
    for (const link of [meeting.links[0], deskLink]) {
      assert.ok(!value.includes(new URL(link).hash.slice(1)));
    }
    // The name is in it too, and even that cannot be read.
    assert.ok(!Buffer.from(JSON.parse(value).sealed, 'base64').includes('Elena Marsh'));
    assert.deepEqual(found(value, secrets), []);
    assert.equal(rows.length, 1);
    const [row] = rows;
    assert.deepEqual([row.extractable, row.taken], [false, false]);
    assert.deepEqual(found(row.text, secrets), []);
    assert.ok(found(deskLink, secrets).length >= 2, 'the search finds what is there');
  });

  test('gives the same seat back after a reload, without the link', async () => {
    await ana.reload();
    await ana.getByText(`You join for ${SIDES[0]}`).waitFor();
    assert.equal(await ana.inputValue('#name'), 'Elena Marsh');
    await ana.getByRole('button', { name: 'Return to the meeting' }).click();
    await lampBecomes(ana, 'closed');
    await Promise.all([sees(ana), sees(ben)]);
    const people = await peopleOf(ben);
    assert.equal(people.split('Elena Marsh').length - 1, 1, people);
    assert.equal(new URL(ana.url()).hash, '');
  });

  test('is not used by a copy of the tab, and is when the tab itself is gone', async () => {
    const opened = ana.waitForEvent('popup');
    // A tab that another opens has a copy of its session, as a duplicated tab has.
    await ana.evaluate(() => void window.open(location.href));
    const copy = await opened;
    assert.equal(await obstacle(copy), 'other-tab');
    await shot(copy, '40-copy');
    assert.equal(await keptOf(copy), 1);
    await lampBecomes(ana, 'closed');
    await sees(ana);
    await ana.close();
    await copy.getByRole('button', { name: 'Try again' }).click();
    await copy.getByRole('button', { name: 'Return to the meeting' }).click();
    await lampBecomes(copy, 'closed');
    await until(async () => (await peopleOf(ben)).split('Elena Marsh').length === 2, { what: 'one seat' });
    ana = copy;
  });

  test('is gone when the person leaves; as long as the page is there they come back to the same seat', async () => {
    assert.equal(await keysOf(ana), 1);
    await ana.click('[data-do=leave]');
    await ana.getByRole('heading', { name: 'You have left the meeting' }).waitFor();
    await until(async () => (await keptOf(ana)) === 0 && (await keysOf(ana)) === 0, { what: 'nothing is kept' });
    await ana.getByText('it is nowhere else unless you have kept').waitFor();
    await usable(ana, 'left, with the key');
    await shot(ana, '41-left-with-key');
    await until(async () => !(await peopleOf(ben)).includes('Elena Marsh'), { what: 'they are gone' });

    await ana.getByRole('button', { name: 'Return to the meeting' }).click();
    await ana.getByText(`You join for ${SIDES[0]}`).waitFor();
    await ana.waitForSelector('.preview video');
    await ana.getByRole('button', { name: 'Return to the meeting' }).click();
    await lampBecomes(ana, 'closed');
    await until(async () => (await peopleOf(ben)).includes('Elena Marsh'), { what: 'they are back' });
    assert.deepEqual([await keptOf(ana), await keysOf(ana)], [1, 1]);

    await ana.click('[data-do=leave]');
    await ana.getByRole('heading', { name: 'You have left the meeting' }).waitFor();
    await until(async () => (await keptOf(ana)) === 0 && (await keysOf(ana)) === 0, { what: 'nothing is kept' });
    await ana.reload();
    assert.equal(await obstacle(ana), 'no-fragment');
  });

  test('is gone when the meeting is adjourned', async () => {
    assert.deepEqual([await keptOf(ben), await keysOf(ben)], [1, 1]);
    await ben.click('[data-do=adjourn]');
    await deliberately(ben, 'Adjourn for everybody');
    await ben.getByRole('heading', { name: 'The meeting is adjourned' }).waitFor();
    await until(async () => (await keptOf(ben)) === 0 && (await keysOf(ben)) === 0, { what: 'nothing is kept' });
  });

  test('at a desk is the desk', async () => {
    const { desks } = await another();
    const desk = await person(browser);
    const own = await makeKey(desk, desks[0]);
    const secrets = [desks[0], own].flatMap(secretsOf);
    const { session, rows } = await stores(desk);
    assert.equal(session.length, 1);
    assert.deepEqual(found(JSON.stringify([session, rows]), secrets), []);
    await desk.reload();
    await desk.getByRole('heading', { name: `Desk of ${SIDES[0]}` }).waitFor();
    // The delegation's link once more in the same tab: the key that was made with it, and not another.
    await desk.goto('about:blank');
    await desk.goto(desks[0]);
    await desk.getByRole('heading', { name: `Desk of ${SIDES[0]}` }).waitFor();
    assert.equal(await shownLink(desk, 'Link of this desk', 'desk'), own);
  });

  test('is nothing where the browser has no place for it, and the person is told', async () => {
    const { links, desks } = await another();
    const poor = await person(browser, { bypassCSP: true });
    await poor.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('no', 'QuotaExceededError');
      };
    });
    await join(poor, links[0], 'Elena Marsh');
    await lampBecomes(poor, 'closed');
    await poor.getByText('this tab has your delegation’s key. Keep the desk’s link').waitFor();
    assert.deepEqual([await keptOf(poor), await keysOf(poor)], [0, 0]);
    assert.equal(new URL(poor.url()).hash, '');
    await usable(poor, 'a room that keeps nothing');
    await shot(poor, '42-unkept');
    await poor.reload();
    assert.equal(await obstacle(poor), 'no-fragment');
    await poor.goto(desks[1]);
    await poor.getByRole('button', { name: 'Make the delegation’s key' }).click();
    await poor.getByText('to open this desk again you will need its own link').waitFor();
    assert.deepEqual([await keptOf(poor), await keysOf(poor)], [0, 0]);
  });
});
