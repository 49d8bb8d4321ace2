// A delegation of several people. One of them is at the desk: makes the delegation's key, makes a letter for each, sees
// who comes, lets in, puts out. Everybody else sees it happen.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import {
  convene,
  deliberately,
  join,
  joinByLetter,
  lampBecomes,
  letterIs,
  mint,
  noComplaints,
  person,
  sees,
  shownLink,
  SIDES,
} from './support/people.mjs';
import { filesOf, found, secretsOf, sent } from './support/secrets.mjs';
import { usable } from './support/usable.mjs';

const ADVISER = 'Ines Okafor';
const PRINCIPAL = 'Tomas Iversen';

describe('a delegation with a desk', { concurrency: false }, () => {
  let house, browser, ana, desk, principal, adviser, convener, meeting, own, letters;
  const everythingSent = [];

  /** A person whose traffic is looked at in the end. */
  async function somebody(options) {
    const page = await person(browser, { bypassCSP: true, ...options });
    everythingSent.push(sent(page));
    return page;
  }

  /** Where the lamp is on each page, on a wide screen and a small one, however far the page is scrolled. */
  const lamps = {};
  async function lampAt(page, name) {
    const boxes = {};
    for (const [width, height] of [[1280, 800], [360, 640]]) {
      await page.setViewportSize({ width, height });
      await page.evaluate(() => scrollTo(0, 0));
      await shot(page, `${name}-${width}`);
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      const { x, y, width: wide, height: high } = await page.locator('[data-lamp]').boundingBox();
      const word = await page.locator('[data-lamp] strong').boundingBox();
      boxes[width] = [x, y, wide, high, word.x, word.y];
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    return boxes;
  }

  const peopleOf = (page) => page.locator('aside .delegation').allInnerTexts();
  const print = (page, side) => page.locator(`[data-print="${side}"]`).textContent();
  const digits = (text) => text.replace(/\D/g, '');

  before(async () => {
    house = await openHouse();
    browser = await launch({ crowded: true });
    [ana, desk, principal, adviser, convener] = await Promise.all([0, 1, 2, 3, 4].map(() => somebody()));
    meeting = await convene(convener, house.convene);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('the convener has two links for each side, of one secret', async () => {
    for (const [index, link] of meeting.links.entries()) {
      assert.equal(meeting.desks[index], link.replace('/join#', '/desk#'));
    }
  });

  test('the desk makes no key until somebody says so', async () => {
    await desk.goto(meeting.desks[1]);
    await desk.getByRole('button', { name: 'Make the delegation’s key' }).waitFor();
    assert.equal(new URL(desk.url()).hash, '');
    const { state } = await (await fetch(`${house.url}/api/meetings/${meeting.meeting}`)).json();
    assert.deepEqual(state.delegations.map(({ key }) => key), [null, null]);
    await usable(desk, 'offer');
    await shot(desk, '20-desk-offer');
    await desk.reload();
    await desk.getByRole('button', { name: 'Make the delegation’s key' }).waitFor();
  });

  test('it makes the key, once, and gives its own link', async () => {
    await desk.getByRole('button', { name: 'Make the delegation’s key' }).click();
    await desk.getByRole('heading', { name: 'Keep the desk’s own link now' }).waitFor();
    assert.equal(await desk.getByRole('button', { name: 'I have kept it' }).isDisabled(), true);
    await usable(desk, 'own link');
    await shot(desk, '21-desk-own-link');
    own = await shownLink(desk, 'Link of this desk', 'desk');
    assert.match(own, /\/m\/[\w-]{43}\/desk#[\w-]{262}$/);
    await desk.getByRole('button', { name: 'I have kept it' }).click();
    await desk.getByRole('heading', { name: `Desk of ${SIDES[1]}` }).waitFor();
    assert.equal(await desk.locator('[data-lamp]').getAttribute('data-lamp'), 'convened');
    assert.equal(digits(await print(desk, SIDES[1])).length, 30);
    assert.match(await print(desk, SIDES[0]), /Not yet there/);
  });

  test('a letter without a name, or for a day long past, is not made', async () => {
    await desk.getByRole('button', { name: 'Make the letter' }).click();
    await desk.getByText('Enter the person’s name.').waitFor();
    await desk.fill('#mint-name', PRINCIPAL);
    await desk.fill('#mint-until', '2020-01-01');
    await desk.getByRole('button', { name: 'Make the letter' }).click();
    await desk.getByText('Choose a day from today to').waitFor();
    assert.equal(await desk.locator('[data-letter]').count(), 0);
    await usable(desk, 'faults in the form');
  });

  test('it makes letters, each a link of its own', async () => {
    await desk.reload();
    await desk.locator('#mint-name').waitFor();
    letters = {
      principal: await mint(desk, { name: PRINCIPAL, role: 'principal' }),
      adviser: await mint(desk, { name: ADVISER, role: 'adviser', ask: true }),
    };
    for (const link of Object.values(letters)) assert.match(link, /\/m\/[\w-]{43}\/join#[\w-]{440,}$/);
    await Promise.all([letterIs(desk, PRINCIPAL, 'unused'), letterIs(desk, ADVISER, 'unused')]);
    await desk.getByText('must be let in', { exact: false }).first().waitFor();
    await usable(desk, 'desk with letters');
    await shot(desk, '22-desk-letters');
  });

  test('whoever has a letter that lets in at once joins under the name in it', async () => {
    await join(ana, meeting.links[0], 'Elena Marsh');
    await lampBecomes(ana, 'closed');
    await principal.goto(letters.principal);
    await principal.getByText(`You join for ${SIDES[1]} as ${PRINCIPAL}, principal`).waitFor();
    await principal.getByText('Your letter is valid until').waitFor();
    assert.equal(await principal.locator('#name').count(), 0);
    await usable(principal, 'device check with a letter');
    await shot(principal, '23-check-letter');
    await joinByLetter(principal, letters.principal);
    await lampBecomes(principal, 'closed');
    await letterIs(desk, PRINCIPAL, 'here');
    await Promise.all([sees(ana), sees(principal)]);
  });

  test('fingerprints and code are the same on every screen', async () => {
    const code = (page) => page.locator('[data-code]').innerText();
    const words = (page) => page.locator('[data-words]').innerText();
    await until(async () => (await code(ana)) === (await code(principal)), { what: 'the same code' });
    assert.equal(await words(ana), await words(principal));
    assert.equal((await words(ana)).split(' ').length, 9);
    for (const side of SIDES) {
      await until(async () => digits(await print(desk, side)).length === 30, { what: `the key of ${side} at the desk` });
      assert.equal(digits(await print(ana, side)), digits(await print(desk, side)));
      assert.equal(digits(await print(principal, side)), digits(await print(desk, side)));
    }
    assert.notEqual(await print(desk, SIDES[0]), await print(desk, SIDES[1]));
  });

  test('whoever must be let in waits, in sight of all', async () => {
    await adviser.goto(letters.adviser);
    await adviser.getByText('You will wait until your delegation lets you in.').waitFor();
    lamps.check = await lampAt(adviser, '24-check');
    await joinByLetter(adviser, letters.adviser);
    await adviser.getByRole('heading', { name: 'You are waiting to be let in' }).waitFor();
    lamps.waiting = await lampAt(adviser, '24-waiting');
    const text = await adviser.locator('[data-waits]').innerText();
    assert.ok(text.includes(ADVISER) && text.includes('adviser') && text.includes(SIDES[1]), text);
    await usable(adviser, 'waiting');
    await shot(adviser, '24-waiting');
    for (const page of [ana, principal]) {
      const line = await page.locator(`[data-waiting="${ADVISER}"]`).innerText();
      assert.ok(line.includes(SIDES[1]) && line.includes('adviser'), line);
      assert.equal(await page.getByRole('button', { name: `Let ${ADVISER} in` }).count(), 0, 'nobody but the desk');
    }
    await shot(ana, '25-room-lobby');
    await usable(ana, 'room with somebody waiting');
    await desk.locator(`[data-waiting="${ADVISER}"]`).waitFor();
    assert.match(await desk.title(), /^\(1\) /);
    assert.match(await desk.locator('[data-said]').textContent(), new RegExp(`${ADVISER}, adviser, waits to be let in`));
    await usable(desk, 'desk with somebody waiting');
    await shot(desk, '26-desk-waiting');
  });

  test('whoever waits still waits after a reload', async () => {
    await adviser.reload();
    await adviser.getByRole('button', { name: 'Return to the meeting' }).click();
    await adviser.getByRole('heading', { name: 'You are waiting to be let in' }).waitFor();
    await until(async () => (await desk.locator(`[data-waiting="${ADVISER}"]`).count()) === 1, { what: 'one waits' });
  });

  test('the desk lets them in', async () => {
    await desk.getByRole('button', { name: `Let ${ADVISER} in` }).click();
    await lampBecomes(adviser, 'closed');
    lamps.room = await lampAt(adviser, '24-room');
    await letterIs(desk, ADVISER, 'here');
    await sees(adviser);
    for (const width of [1280, 360]) {
      for (const page of ['waiting', 'room']) {
        const moved = lamps[page][width].map((its, index) => Math.abs(its - lamps.check[width][index]));
        assert.ok(moved.every((pixels) => pixels <= 2), `the lamp moves: ${JSON.stringify(lamps)}`);
      }
    }
    await until(async () => (await peopleOf(ana)).join(' ').includes(ADVISER), { what: 'the other side sees them' });
    assert.equal(await ana.locator('[data-waiting]').count(), 0);
    assert.equal(await adviser.locator('[data-do=open]').count(), 0, 'an adviser decides nothing');
    assert.doesNotMatch(await desk.title(), /^\(/);
    await shot(adviser, '27-adviser-in');
  });

  test('a reload of the desk is the same desk, and so is its link in another browser', async () => {
    const prints = digits(await print(desk, SIDES[1]));
    await desk.reload();
    await letterIs(desk, ADVISER, 'here');
    assert.equal(new URL(desk.url()).hash, '');
    assert.equal(digits(await print(desk, SIDES[1])), prints);
    const elsewhere = await somebody();
    await elsewhere.goto(own);
    await Promise.all([letterIs(elsewhere, ADVISER, 'here'), letterIs(elsewhere, PRINCIPAL, 'here')]);
    await elsewhere.locator(`[data-letter="${ADVISER}"]`).getByRole('button', { name: /^Show/ }).click();
    assert.equal(await elsewhere.locator(`[data-letter="${ADVISER}"] [data-link]`).innerText(), letters.adviser);
    await elsewhere.context().close();
  });

  test('a second device on a used letter waits, and takes the seat when it is let in', async () => {
    const second = await somebody();
    await joinByLetter(second, letters.principal);
    await second.getByText('Your letter is in use on another device.').waitFor();
    await desk.getByText('This is another device on a letter that is in use.').waitFor();
    await usable(desk, 'a second device');
    await desk.getByRole('button', { name: `Let ${PRINCIPAL} in on this device instead` }).click();
    await lampBecomes(second, 'closed');
    await principal.getByRole('heading', { name: 'You are no longer in the meeting' }).waitFor();
    const mine = async () => (await peopleOf(ana)).join(' ').split(PRINCIPAL).length - 1;
    await until(async () => (await mine()) === 1, { what: 'one seat for one letter' });
    await sees(second);
    principal = second;
  });

  test('the desk loses the server, says so, and is back when it is', async () => {
    const { data, listen } = house;
    await house.kill();
    await desk.getByText('The connection to the server is lost.', { exact: false }).first().waitFor();
    assert.equal(await desk.getByRole('button', { name: 'Make the letter' }).isDisabled(), true);
    await usable(desk, 'desk without a server');
    await shot(desk, '28-desk-lost');
    house = await openHouse({ data, listen });
    await until(async () => desk.getByRole('button', { name: 'Make the letter' }).isEnabled(), { what: 'back' });
    await lampBecomes(adviser, 'closed');
    await letterIs(desk, ADVISER, 'here');
  });

  test('a revoked person is put out and told why, and the letter is dead', async () => {
    await desk.getByRole('button', { name: `Revoke the letter of ${ADVISER}` }).click();
    const dialog = desk.locator('dialog');
    assert.match(await dialog.innerText(), new RegExp(`${ADVISER} is in the meeting and is put out of it at once`));
    assert.equal(await desk.evaluate(() => document.activeElement?.textContent), 'Keep it');
    await usable(desk, 'revocation');
    await shot(desk, '29-desk-revoke');
    await deliberately(desk, 'Revoke it');
    await letterIs(desk, ADVISER, 'revoked');
    await adviser.getByText('This letter of credence has been revoked by its delegation.').waitFor();
    await shot(adviser, '30-revoked');
    await until(async () => !(await peopleOf(ana)).join(' ').includes(ADVISER), { what: 'they are out' });
    assert.equal(await adviser.evaluate(() => sessionStorage.length), 0);
    await adviser.reload();
    assert.equal(await adviser.locator('[data-obstacle]').getAttribute('data-obstacle'), 'no-fragment');
    const again = await somebody();
    await joinByLetter(again, letters.adviser);
    await again.getByText('This letter of credence has been revoked by its delegation.').waitFor();
  });

  test('the first client of the other side opens its desk from the room', async () => {
    const context = ana.context();
    const opened = context.waitForEvent('page');
    await ana.getByRole('button', { name: 'Open the desk' }).click();
    const its = await opened;
    everythingSent.push(sent(its));
    await its.getByRole('heading', { name: `Desk of ${SIDES[0]}` }).waitFor();
    await until(() => new URL(its.url()).hash === '', { what: 'the secret leaves the address' });
    await letterIs(its, 'Elena Marsh', 'here');
    assert.equal(digits(await print(its, SIDES[1])), digits(await print(ana, SIDES[1])));
    await usable(its, 'desk of a first client');
    await its.close();
    assert.equal(await principal.getByRole('button', { name: 'Open the desk' }).count(), 0);
  });

  test('nothing of any link is in what was sent, in the house’s log or on its disk', async () => {
    const secrets = [...meeting.links, own, ...Object.values(letters)].flatMap(secretsOf);
    // Two of each link, and a letter's has the delegation's too.
    assert.equal(secrets.length, 12);
    const all = everythingSent.flat();
    assert.ok(all.length > 100);
    for (const it of all) assert.deepEqual(found(it, secrets), []);
    assert.deepEqual(found(house.said(), secrets), []);
    for (const bytes of await filesOf(house.data)) assert.deepEqual(found(bytes, secrets), []);
    // The search finds what is there.
    assert.ok(found(own, secrets).includes("seed of the desk's link"));
    assert.ok(found(secrets[0].bytes, secrets).includes("seed of the delegation's link"));
  });

  test('when the meeting is over the desk says so, and a reload still finds it: the readout is yet to come', async () => {
    await principal.click('[data-do=adjourn]');
    await deliberately(principal, 'Adjourn for everybody');
    await lampBecomes(desk, 'adjourned');
    assert.equal(await desk.locator('#mint-name').count(), 0);
    await desk.reload();
    await lampBecomes(desk, 'adjourned');
    await desk.locator('#readout-text-0').waitFor();
    await usable(desk, 'desk of an adjourned meeting');
    await shot(desk, '31-desk-adjourned');
  });

  test('no page complained, but of the server that was away', () => {
    const away = /WebSocket connection|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;
    for (const page of [ana, principal, desk, convener]) page.heard = page.heard.filter((it) => !away.test(it));
    noComplaints([ana, principal, desk, convener]);
  });
});
