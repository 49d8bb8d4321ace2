// The guide in docs/first-meeting.md, walked as it stands there: what it has in bold must be on the page, and nothing else is
// pressed or filled in. With INCAMERA_WRITE_GUIDE=1 its pictures are taken anew.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { launch, until } from './support/browser.mjs';
import { openHouse, verify, xtask } from './support/house.mjs';
import { deliberately, GROUND, lampBecomes, noComplaints, person, sees, SIDES, TITLE } from './support/people.mjs';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));

/** The numbered steps of the guide: what each has in bold, and its picture. */
async function readGuide() {
  const text = await readFile(`${docs}first-meeting.md`, 'utf8');
  const steps = text.split(/^(?=\d+\. )/m).slice(1);
  return steps.map((step, at) => {
    assert.ok(step.startsWith(`${at + 1}. `), `step ${at + 1} of the guide is numbered otherwise`);
    const bold = [...step.matchAll(/\*\*(.+?)\*\*/gs)].map(([, words]) => words.replace(/\s+/g, ' '));
    return { text: step, open: new Set(bold), picture: /\]\(images\/guide\/(.+?)\.png\)/.exec(step)?.[1] };
  });
}

/** What a step has the reader type into a terminal. */
const commands = (text) => [...text.matchAll(/^ *```\n([\s\S]*?)^ *```/gm)].flatMap(([, block]) => block.trim().split(/\s*\n\s*/));

/**
 * The first command of the guide as far as a test can type it: `cargo xtask serve` builds everything and hands what stands behind
 * `--` to `incamera serve`. It is built here, so that the rest is: `xtask` takes the command, and the program its arguments.
 */
async function typed(command) {
  const [cargo, tool, serve, ...rest] = command.split(' ');
  assert.deepEqual([cargo, tool, serve], ['cargo', 'xtask', 'serve'], command);
  const { stdout } = await promisify(execFile)(xtask, [serve, ...rest, '--help'].filter((it) => it !== '--'));
  assert.match(stdout, /Build everything and start the server/);
  assert.ok(rest.length === 0 || rest[0] === '--', `${command}: what is for the server stands behind --`);
  return rest.slice(1);
}

/** One step. What it names is used up; at its end nothing may be left. */
class Step {
  constructor(step, number) {
    Object.assign(this, step, { number });
  }

  #named(words) {
    assert.ok(this.text.replace(/\s+/g, ' ').includes(`**${words}**`), `step ${this.number} of the guide does not name “${words}”`);
    this.open.delete(words);
    return words;
  }

  button = (page, words) => page.getByRole('button', { name: this.#named(words), exact: true });
  press = (page, words) => this.button(page, words).click();
  decide = (page, words) => deliberately(page, this.#named(words));
  fill = (page, words, value) => page.getByRole('textbox', { name: this.#named(words), exact: true }).fill(value);
  reads = (page, words) => page.getByText(this.#named(words)).first().waitFor();

  async lamp(page, words, state) {
    await lampBecomes(page, state);
    assert.ok((await page.locator('[data-lamp]').first().innerText()).includes(this.#named(words)));
  }

  /** Shows the part of the page that it is about. */
  async shoot(page, options = {}) {
    assert.ok(this.picture, `step ${this.number} of the guide has no picture`);
    const picture = await page.screenshot(options);
    const path = `${docs}images/guide/${this.picture}.png`;
    if (process.env.INCAMERA_WRITE_GUIDE) await writeFile(path, picture);
    else await readFile(path);
    this.picture = undefined;
  }

  end() {
    assert.deepEqual([...this.open], [], `step ${this.number} of the guide names what is not used`);
    assert.equal(this.picture, undefined, `step ${this.number} of the guide has a picture of something else`);
  }
}

describe('the guide to the first meeting', { concurrency: false }, () => {
  let house, browsers, command, guide, first, second, world;
  const links = [];

  before(async () => {
    guide = (await readGuide()).map((step, at) => new Step(step, at + 1));
    [command] = commands(guide[0].text);
    house = await openHouse({ flags: await typed(command) });
    browsers = await Promise.all([launch({ tone: 700 }), launch({ tone: 1_300 })]);
    const options = { permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'], colorScheme: 'light' };
    [first, second, world] = await Promise.all([browsers[0], browsers[1], browsers[1]].map((it) => person(it, options)));
  });
  after(async () => {
    await Promise.all((browsers ?? []).map((it) => it.close()));
    await house?.close();
  });

  const walk = (title, does) => {
    const number = walked.push(title);
    test(`${number}. ${title}`, async () => {
      const step = guide[number - 1];
      assert.ok(step, `the guide has no step ${number}`);
      await does(step);
      step.end();
    });
  };
  const walked = [];

  walk('a house prints its address and a link to convene with', (step) => {
    assert.deepEqual(commands(step.text), [command], 'this one was started, and no other is named');
    assert.ok(step.text.includes('`convene:`') && step.text.includes('`/convene#`'));
    assert.match(house.said(), /convene: http:\S+\/convene#\S+/);
  });

  walk('the convener fills in the form', async (step) => {
    await first.goto(house.convene);
    await step.fill(first, 'Title of the meeting', TITLE);
    await step.fill(first, 'Name of delegation 1', SIDES[0]);
    await step.fill(first, 'Name of delegation 2', SIDES[1]);
    await step.fill(first, 'Item 1', 'Opening statements');
    await step.fill(first, 'Item 2', 'Border crossings and customs');
    await step.fill(first, 'Ground for excluding the public', GROUND);
    await step.shoot(first, { fullPage: true });
    await step.press(first, 'Convene');
  });

  walk('the links are taken', async (step) => {
    await step.reads(first, 'The meeting is convened');
    step.button(first, 'Copy link');
    for (const side of SIDES) {
      await first.getByRole('button', { name: `Copy link: Link for ${side}` }).click();
      links.push(await first.evaluate(() => navigator.clipboard.readText()));
    }
    await step.reads(first, 'The public link');
    await world.goto(await first.locator('.public a').innerText());
    await first.getByRole('heading', { name: 'One link for each side' }).evaluate((it) => it.scrollIntoView());
    await step.shoot(first);
  });

  walk('the first side joins', async (step) => {
    await first.goto(links[0]);
    await step.fill(first, 'Your name', 'Elena Marsh');
    await first.waitForSelector('.preview video');
    await step.shoot(first, { fullPage: true });
    await step.press(first, 'Join the meeting');
    await step.lamp(first, 'Closed', 'closed');
  });

  walk('the second side joins', async (step) => {
    await second.goto(links[1]);
    await step.fill(second, 'Your name', 'Tomas Iversen');
    await second.waitForSelector('.preview video');
    await step.press(second, 'Join the meeting');
    await Promise.all([sees(first), sees(second)]);
    await step.reads(second, 'Mute');
    await step.shoot(first);
  });

  walk('both compare the digits', async (step) => {
    await step.reads(first, 'People and code');
    const [here, there] = await Promise.all([first, second].map((page) => page.locator('[data-code]').innerText()));
    assert.match(here.replace(/\s/g, ''), /^\d{30}$/);
    assert.equal(here, there);
  });

  walk('the first side moves to open', async (step) => {
    await step.reads(world, 'In closed session');
    await first.getByRole('button', { name: 'Move to open…' }).waitFor();
    await step.press(first, 'Move to open…');
    await step.decide(first, 'Move to open');
  });

  walk('the second side agrees', async (step) => {
    await second.locator('dialog').waitFor();
    await second.waitForFunction(() => document.querySelector('dialog').getAnimations().length === 0);
    await step.shoot(second);
    await step.decide(second, 'Agree to open');
    await Promise.all([step.lamp(first, 'Open', 'open'), step.lamp(second, 'Open', 'open')]);
  });

  walk('the public watches', async (step) => {
    await step.press(world, 'Watch and listen');
    await sees(world, 30);
    await step.shoot(world);
  });

  walk('the doors close', async (step) => {
    await step.press(second, 'Close the doors');
    await Promise.all([step.lamp(first, 'Closed', 'closed'), step.lamp(second, 'Closed', 'closed')]);
    await Promise.all([sees(first), sees(second)]);
    await step.reads(world, 'In closed session');
    assert.ok((await world.locator('main').innerText()).includes(GROUND));
    await step.shoot(world);
  });

  walk('the meeting is adjourned', async (step) => {
    await step.press(first, 'Adjourn…');
    await step.decide(first, 'Adjourn for everybody');
    await world.getByText(/It lasted .+ of that were in public/).waitFor();
  });

  walk('the public checks the record', async (step) => {
    // Both browsers countersign the end just after it.
    const covered = async () => {
      const report = await verify(world.url());
      return report.covered === report.entries;
    };
    await until(covered, { what: 'both have countersigned everything', every: 500 });
    await step.press(world, 'Check the record');
    await step.reads(world, 'The record holds');
    await world.getByText('The record holds').scrollIntoViewIfNeeded();
    await step.shoot(world);
  });

  test('nothing of the guide was left out, and no page complained', () => {
    assert.equal(guide.length, walked.length);
    noComplaints([first, second, world]);
  });
});
