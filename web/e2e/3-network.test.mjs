// Somebody's own network goes away without a word and comes back within a minute. Nobody clicks anything, and the seat is
// kept: nobody is removed, and nobody is let in again.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { onANetwork, openLine } from './support/line.mjs';
import { convene, hears, join, lampBecomes, person, sees } from './support/people.mjs';

const ANA_HZ = 700;
const BEN_HZ = 1_300;
const AWAY_MS = 40_000;

describe('a network that goes away and comes back', { concurrency: false }, () => {
  let house, line, browserOfAna, network, ana, ben, meeting;

  before(async () => {
    house = await openHouse();
    line = await openLine(house.url);
    browserOfAna = await launch({ tone: ANA_HZ });
    ana = await person(browserOfAna);
    network = await onANetwork(() => launch({ tone: BEN_HZ }));
    ben = await person(network.browser);
    meeting = await convene(ana, house.convene);
    await join(ana, meeting.links[0], 'Elena Marsh');
    await join(ben, meeting.links[1].replace(house.url, line.url), 'Tomas Iversen');
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
    await Promise.all([sees(ana), sees(ben)]);
  });
  after(async () => {
    network?.back();
    await Promise.all([browserOfAna?.close(), network?.browser.close()]);
    line?.close();
    await house?.close();
  });

  /** How much the record says: each coming and going is an entry of its own. */
  async function comings() {
    const checkpoint = await (await fetch(`${house.url}/m/${meeting.meeting}/record/checkpoint`)).text();
    const size = Number(checkpoint.split('\n')[1]);
    assert.ok(size >= 3, checkpoint);
    return size;
  }

  test('all of it, for most of a minute: both are told, and both are back', async () => {
    const before = await comings();
    network.away();
    await Promise.all([lampBecomes(ana, 'held', 25), lampBecomes(ben, 'held', 25)]);
    await shot(ana, 'network-other-away');
    await shot(ben, 'network-away');
    await new Promise((resolve) => setTimeout(resolve, AWAY_MS - 15_000));
    network.back();
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
    await Promise.all([sees(ana, 20), sees(ben, 20)]);
    await Promise.all([hears(ben, ANA_HZ), hears(ana, BEN_HZ)]);
    assert.equal(await comings(), before, 'a seat was lost');
  });

  test('a connection to the house that died without a word is made anew before the seat is lost', async () => {
    const before = await comings();
    line.die();
    await lampBecomes(ben, 'held', 25);
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
    await Promise.all([sees(ana, 20), sees(ben, 20)]);
    assert.equal(await comings(), before, 'a seat was lost');
  });
});
