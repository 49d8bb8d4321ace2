// Wrong links, wrong charters, missing devices: a clear sentence to the person, and nothing else happens. And every
// page can be used by everybody: axe finds no serious fault.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, join, lampBecomes, person } from './support/people.mjs';
import { usable } from './support/usable.mjs';

describe('bad links', { concurrency: false }, () => {
  let house, browser, meeting, convener;

  before(async () => {
    house = await openHouse();
    browser = await launch();
    convener = await person(browser, { bypassCSP: true });
    meeting = await convene(convener, house.convene);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  /** A meeting of its own, for a test that takes a seat. */
  const another = async () => convene(await person(browser), house.convene);

  async function visit(url, prepare = async () => undefined) {
    const page = await person(browser, { bypassCSP: true });
    await prepare(page);
    await page.goto(url);
    return page;
  }

  const obstacle = (page) => page.locator('[data-obstacle]').getAttribute('data-obstacle');

  test('a fragment of another meeting does not open this one', async () => {
    const other = await another();
    const fragment = new URL(other.links[0]).hash;
    const page = await visit(meeting.links[0].replace(/#.*/, fragment));
    assert.equal(await obstacle(page), 'link');
    await shot(page, 'bad-link');
    await usable(page, 'bad link');
  });

  test('a fragment that was not copied whole', async () => {
    const page = await visit(meeting.links[0].slice(0, -6));
    assert.equal(await obstacle(page), 'link');
  });

  test('no fragment', async () => {
    const page = await visit(meeting.links[0].replace(/#.*/, ''));
    assert.equal(await obstacle(page), 'no-fragment');
  });

  test('a meeting that there is not', async () => {
    const nowhere = 'A'.repeat(43);
    const room = await visit(meeting.links[0].replace(meeting.meeting, nowhere));
    assert.equal(await obstacle(room), 'unknown-meeting');
    const open = await visit(meeting.open.replace(meeting.meeting, nowhere));
    await open.getByText('There is no meeting at this address').waitFor();
  });

  test('nobody joins with a browser whose random numbers are none', async () => {
    let lines = 0;
    const page = await visit(meeting.links[0], async (it) => {
      it.on('websocket', () => (lines += 1));
      // They press *Join* in the moment in which the link is read.
      await it.addInitScript(() => {
        const Plain = window.Worker;
        window.Worker = class extends Plain {
          constructor(...how) {
            super(...how);
            this.addEventListener('message', ({ data }) => {
              if (data?.type === 'read') this.postMessage({ type: 'join', name: 'Elena Marsh' });
            });
          }
        };
      });
      await it.route('**/assets/member.worker-*.js', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: `crypto.getRandomValues = (into) => into;\n${await response.text()}` });
      });
    });
    assert.equal(await obstacle(page), 'program');
    await page.getByRole('heading', { name: 'This browser cannot open the meeting' }).waitFor();
    await page.getByText(/This browser could not start the encryption.*A rehearsal of it failed/).waitFor();
    assert.equal(await page.locator('#name').count(), 0);
    await page.waitForTimeout(500);
    assert.equal(lines, 0, 'it talks to the house');
    await shot(page, 'bad-program');
    await usable(page, 'bad program');
  });

  test('a server that sends another charter is found out', async () => {
    const page = await visit(meeting.links[0], (it) =>
      it.route(`**/api/meetings/${meeting.meeting}`, async (route) => {
        const answer = await (await route.fetch()).json();
        const bytes = Buffer.from(answer.charter, 'base64url');
        bytes[40] ^= 1;
        await route.fulfill({ json: { ...answer, charter: bytes.toString('base64url') } });
      }),
    );
    assert.equal(await obstacle(page), 'charter');
    assert.match(await page.locator('[data-obstacle]').innerText(), /Do not join/);
  });

  test('a wrong house key', async () => {
    const page = await visit(`${house.url}/convene#wrong`);
    await page.fill('#title', 'x');
    await page.fill('#delegation-1', 'A');
    await page.fill('#delegation-2', 'B');
    await page.fill('#item-4', 'y');
    await page.fill('#ground-4', 'z');
    await page.getByRole('button', { name: 'Convene' }).click();
    await page.getByText('The server does not accept this house key').waitFor();
  });

  test('no house key', async () => {
    const page = await visit(`${house.url}/convene`);
    await page.getByRole('heading', { name: 'This page needs the house key' }).waitFor();
  });

  test('the same link in a second tab is told where the first one is', async () => {
    const { links } = await another();
    const page = await visit(links[0]);
    await join(page, links[0], 'Elena Marsh');
    await lampBecomes(page, 'closed');
    const second = await page.context().newPage();
    await second.goto(links[0]);
    assert.equal(await obstacle(second), 'other-tab');
    await page.close();
    await second.close();
  });

  test('a delegation’s link that somebody else has used says so before anybody joins', async () => {
    const { links } = await another();
    const first = await visit(links[0]);
    await join(first, links[0], 'Elena Marsh');
    await lampBecomes(first, 'closed');
    const second = await visit(links[0]);
    assert.equal(await obstacle(second), 'taken');
    const desk = await visit(links[0].replace('/join#', '/desk#'));
    assert.equal(await obstacle(desk), 'taken');
    await usable(desk, 'desk that is too late');
  });

  test('at the desk’s door: no link, a wrong one, one person’s', async () => {
    const at = (link) => link.replace('/join#', '/desk#');
    assert.equal(await obstacle(await visit(at(meeting.links[0]).replace(/#.*/, ''))), 'no-fragment');
    assert.equal(await obstacle(await visit(at(meeting.links[0]).slice(0, -6))), 'link');
    const nowhere = at(meeting.links[0]).replace(meeting.meeting, 'A'.repeat(43));
    assert.equal(await obstacle(await visit(nowhere)), 'unknown-meeting');
  });

  test('without camera and microphone a person joins all the same', async () => {
    const { links } = await another();
    const poor = await launch({ devices: false });
    try {
      const page = await person(poor);
      await page.goto(links[1]);
      await page.getByText('No camera was found').waitFor();
      await page.getByText('No microphone was found').waitFor();
      await shot(page, 'no-devices');
      await page.fill('#name', 'Tomas Iversen');
      await page.getByRole('button', { name: 'Join the meeting' }).click();
      await lampBecomes(page, 'closed');
    } finally {
      await poor.close();
    }
  });

  test('every page can be used by everybody', async () => {
    await usable(convener, 'links');
    await usable(await visit(`${house.url}/`), 'schedule');
    await usable(await visit(house.convene), 'convene');
    await usable(await visit(meeting.open), 'public page');
    const fresh = await another();
    const page = await visit(fresh.links[0]);
    await page.waitForSelector('.preview video');
    await usable(page, 'device check');
    await join(page, fresh.links[0], 'Elena Marsh');
    await lampBecomes(page, 'closed');
    await usable(page, 'room');
    if (await page.locator('[data-do=open]').isVisible()) {
      await page.click('[data-do=open]');
      await page.locator('dialog').waitFor();
      await usable(page, 'motion');
    }
  });
});
