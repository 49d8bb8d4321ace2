// People whose network lets no UDP through: with a relay they meet like everybody else, without one they are told why not.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, hears, join, lampBecomes, moveToOpen, person, sees } from './support/people.mjs';
import { openRelay } from './support/relay.mjs';

const ANA_HZ = 700;
const BEN_HZ = 1_300;
const SECRET = 'a-secret-of-the-test-and-of-nothing-else';
/** Chromium sends no UDP but through a proxy, and there is none. */
const withoutUdp = { flags: ['--webrtc-ip-handling-policy=disable_non_proxied_udp'] };

/** The kinds of candidates over which the newest connection of a page runs. */
const pairOf = (page) =>
  page.evaluate(async () => {
    const stats = await window.connections.at(-1).getStats();
    const all = [...stats.values()];
    const transport = all.find(({ type }) => type === 'transport');
    const pair = stats.get(transport?.selectedCandidatePairId);
    const local = stats.get(pair?.localCandidateId);
    return { kind: local?.candidateType, protocol: local?.relayProtocol };
  });

describe('a network that lets no UDP through', { concurrency: false }, () => {
  describe('and a house with a relay', { concurrency: false }, () => {
    let relay, house, browserOfAna, browserOfBen, ana, ben, viewer, meeting;

    before(async () => {
      relay = await openRelay(SECRET);
      house = await openHouse({ flags: ['--turn-url', relay.url], env: { INCAMERA_TURN_SECRET: SECRET } });
      [browserOfAna, browserOfBen] = await Promise.all([
        launch({ tone: ANA_HZ, ...withoutUdp }),
        launch({ tone: BEN_HZ, ...withoutUdp }),
      ]);
      ana = await person(browserOfAna);
      ben = await person(browserOfBen);
      viewer = await person(browserOfBen);
      meeting = await convene(viewer, house.convene);
    });
    after(async () => {
      await Promise.all([browserOfAna?.close(), browserOfBen?.close()]);
      await house?.close();
      await relay?.close();
    });

    test('two people meet: pictures and sound both ways, through the relay', async () => {
      await join(ana, meeting.links[0], 'Elena Marsh');
      await join(ben, meeting.links[1], 'Tomas Iversen');
      await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
      await Promise.all([sees(ana, 20), sees(ben, 20)]);
      await Promise.all([hears(ben, ANA_HZ), hears(ana, BEN_HZ)]);
      for (const page of [ana, ben]) assert.deepEqual(await pairOf(page), { kind: 'relay', protocol: 'tcp' });
      await shot(ana, 'relay-room');
    });

    test('the open part reaches a viewer, through the relay', async () => {
      await moveToOpen(ana);
      await deliberately(ben, 'Agree to open');
      await viewer.goto(meeting.open);
      await Promise.all([lampBecomes(ana, 'open'), lampBecomes(ben, 'open'), lampBecomes(viewer, 'open')]);
      await viewer.getByRole('button', { name: 'Watch and listen' }).click();
      await sees(viewer, 20);
      assert.deepEqual(await pairOf(viewer), { kind: 'relay', protocol: 'tcp' });
    });

    test('nobody says the secret', () => {
      assert.ok(!house.said().includes(SECRET), 'the house has printed the secret');
    });
  });

  describe('and a house without one', { concurrency: false }, () => {
    let house, browser, ana, meeting;

    before(async () => {
      house = await openHouse();
      browser = await launch({ tone: ANA_HZ, ...withoutUdp });
      ana = await person(browser);
      meeting = await convene(ana, house.convene);
    });
    after(async () => {
      await browser?.close();
      await house?.close();
    });

    test('the person is told in words what stands in the way', async () => {
      await join(ana, meeting.links[0], 'Elena Marsh');
      await lampBecomes(ana, 'closed');
      const told = ana.locator('[data-blocked]');
      await told.waitFor();
      const words = await told.innerText();
      assert.ok(words.includes('it blocks UDP') && words.includes('has no relay'), words);
      await shot(ana, 'relay-none');
    });
  });
});
