// A browser that plays nothing before it was touched, unless it has a camera or a microphone: whoever comes into the room without
// any of that is told, and has sound with one click.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, until } from './support/browser.mjs';
import { isHeard, tapsTheLoudspeaker } from './support/ears.mjs';
import { openHouse } from './support/house.mjs';
import { convene, join, lampBecomes, noComplaints, person } from './support/people.mjs';
import { usable } from './support/usable.mjs';

const TONE_HZ = 700;
const CLICK = 'Turn sound on: the browser asks for a click';

describe('a browser that wants a click before it plays', { concurrency: false }, () => {
  let house, strict, other;

  before(async () => {
    house = await openHouse();
    strict = await launch({ devices: false, flags: ['--autoplay-policy=document-user-activation-required'] });
    other = await launch({ tone: TONE_HZ });
  });
  after(async () => {
    await Promise.all([strict, other].map((it) => it?.close()));
    await house?.close();
  });

  /**
   * Into the room without anything that the browser takes for a touch of a person; questions of the test's own library are
   * such a thing. `asked` asks the page otherwise.
   */
  async function slipIn(link) {
    const page = await person(strict, { bypassCSP: true });
    await page.context().addInitScript(tapsTheLoudspeaker);
    await page.addInitScript(() => {
      const waiting = setInterval(() => {
        const [name, go] = ['#name', '.go button'].map((it) => document.querySelector(it));
        if (!name || !go || document.querySelectorAll('.fault').length < 2) return;
        clearInterval(waiting);
        name.value = 'Elena Marsh';
        name.dispatchEvent(new Event('input', { bubbles: true }));
        setTimeout(() => go.click());
      }, 100);
    });
    await page.goto(link);
    const session = await page.context().newCDPSession(page);
    const asked = async (expression) => (await session.send('Runtime.evaluate', { expression, returnByValue: true })).result.value;
    return { page, asked };
  }

  const blocked = (page) => page.getByRole('button', { name: CLICK });

  for (const [what, languages] of [['a meeting', []], ['a meeting that is interpreted', ['en', 'fr']]]) {
    test(`in ${what} the person is told, and one click brings the sound`, async () => {
      const meeting = await convene(await person(other), house.convene, { languages });
      const ben = await person(other);
      await join(ben, meeting.links[1], 'Tomas Iversen');
      await lampBecomes(ben, 'closed');
      const { page, asked } = await slipIn(meeting.links[0]);
      await until(() => asked(`document.querySelector('[data-lamp]')?.dataset.lamp === 'closed'`), { what: 'the room' });
      await until(() => asked(`document.querySelector('.notes').innerText.includes(${JSON.stringify(CLICK)})`), { what: 'the note' });
      assert.equal(await asked('navigator.userActivation.hasBeenActive'), false);
      if (languages.length === 0) assert.equal(await asked(`[...document.querySelectorAll('audio')].every((it) => it.paused)`), true);
      // The questions of `usable` count as touches: where the page plays by itself at the next occasion, the note may be gone.
      if (languages.length > 0) await usable(page, 'sound is kept back');
      await blocked(page).click();
      await blocked(page).waitFor({ state: 'detached' });
      const plays = () => page.locator('audio').evaluateAll((all) => all.every((it) => !it.paused && it.currentTime > 0));
      if (languages.length === 0) await until(plays, { what: 'sound plays' });
      else await isHeard(page, TONE_HZ);
      noComplaints([page, ben]);
      await Promise.all([page, ben].map((it) => it.close()));
    });
  }
});
