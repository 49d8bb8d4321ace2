// The server is killed in mid-meeting, as by a power cut, and started again on the same data. Nobody clicks anything.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, hears, join, lampBecomes, lampOf, moveToOpen, person, sees } from './support/people.mjs';

const ANA_HZ = 700;
const BEN_HZ = 1_300;

describe('a restart of the server', { concurrency: false }, () => {
  let house, browserOfAna, browserOfBen, ana, ben, viewer, meeting;

  before(async () => {
    house = await openHouse();
    [browserOfAna, browserOfBen] = await Promise.all([launch({ tone: ANA_HZ }), launch({ tone: BEN_HZ })]);
    ana = await person(browserOfAna);
    ben = await person(browserOfBen);
    viewer = await person(browserOfBen);
    meeting = await convene(viewer, house.convene);
    await join(ana, meeting.links[0], 'Elena Marsh');
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
    await Promise.all([sees(ana), sees(ben)]);
  });
  after(async () => {
    await Promise.all([browserOfAna?.close(), browserOfBen?.close()]);
    await house?.close();
  });

  async function killAndRestart() {
    const { data, listen } = house;
    await house.kill();
    await Promise.all([
      ana.getByText('The server cannot be reached').first().waitFor(),
      ben.getByText('The server cannot be reached').first().waitFor(),
    ]);
    await shot(ana, `restart-away-${await lampOf(ana)}`);
    house = await openHouse({ data, listen });
  }

  test('in closed session: picture and sound come back, still closed', async () => {
    await killAndRestart();
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
    await Promise.all([sees(ana, 20), sees(ben, 20)]);
    await Promise.all([hears(ben, ANA_HZ), hears(ana, BEN_HZ)]);
  });

  test('in public: picture and sound come back for the public too, still open', async () => {
    await moveToOpen(ana);
    await deliberately(ben, 'Agree to open');
    await viewer.goto(meeting.open);
    await Promise.all([lampBecomes(ana, 'open'), lampBecomes(ben, 'open'), lampBecomes(viewer, 'open')]);
    await viewer.getByRole('button', { name: 'Watch and listen' }).click();
    await sees(viewer, 20);

    await killAndRestart();
    await Promise.all([lampBecomes(ana, 'open'), lampBecomes(ben, 'open'), lampBecomes(viewer, 'open')]);
    await Promise.all([sees(ana, 20), sees(ben, 20), sees(viewer, 20)]);
    assert.equal(await ana.locator('dialog').count(), 0);
  });

  test('a reload takes one click and no link, and nobody becomes public by it', async () => {
    await ben.reload();
    await ben.getByText('You join for Kingdom of Borland').waitFor();
    assert.equal(await ben.inputValue('#name'), 'Tomas Iversen');
    await ben.getByRole('button', { name: 'Return to the meeting' }).click();
    // The part is open, and whoever comes into it is neither seen nor heard until they say so.
    await lampBecomes(ben, 'held', 40);
    await ben.getByText('You are neither seen nor heard until you choose to appear.').waitFor();
    await sees(ben, 20);
    await shot(ben, 'restart-backstage');
    await deliberately(ben, 'Appear in public');
    await lampBecomes(ben, 'open');
    await Promise.all([sees(ana, 20), sees(ben, 20)]);
  });
});
