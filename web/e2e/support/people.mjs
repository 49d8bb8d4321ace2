// What people do in the pages, and what can be seen and heard there.
import assert from 'node:assert/strict';
import { complaints, PATIENCE_MS, shot, until } from './browser.mjs';

export const TITLE = 'Talks on the Upper Valley water agreement';
export const SIDES = ['Republic of Ardania', 'Kingdom of Borland'];
export const CLOSED_ITEM = 'Border crossings and customs';
export const GROUND = 'Article 4 (2) of the rules of procedure';

/** A page in a context of its own, whose peer connections can be asked what arrives. */
export async function person(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(() => {
    window.connections = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration) {
        super(configuration);
        window.connections.push(this);
      }
    };
  });
  const page = await context.newPage();
  page.heard = complaints(page);
  return page;
}

/**
 * Shows a masked link and reads it. The desk's worker makes the link when it is asked, so the page shows the mask a while
 * longer; the button says *Hide* once the link is there.
 */
export async function shownLink(where, name, mark) {
  await where.getByRole('button', { name: isolated(`Show: ${name}`) }).click();
  await where.getByRole('button', { name: isolated(`Hide: ${name}`) }).waitFor();
  return where.locator(`[data-link="${mark}"]`).innerText();
}

/** A text in which names may stand isolated, as those are that run the other way. */
function isolated(text) {
  const words = text.split(' ').map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${words.join('[\\s\\u2066-\\u2069]+')}[\\u2066-\\u2069]*$`);
}

/** What is on the agenda: with a ground behind closed doors, without in public. */
export const AGENDA = [{ title: 'Opening statements' }, { title: CLOSED_ITEM, ground: GROUND }];

/**
 * Fills the form in and takes the links. With `chair` that side opens and closes alone; `duties` are owed to the public;
 * `languages` are channels.
 */
export async function convene(
  page,
  url,
  { title = TITLE, sides = SIDES, agenda = AGENDA, chair, duties = [], languages = [] } = {},
) {
  const fill = (name, value, of = page) => of.getByRole('textbox', { name, exact: true }).fill(value);
  await page.goto(url);
  await fill('Title of the meeting', title);
  for (const [at, side] of sides.entries()) {
    if (at >= 2) await page.getByRole('button', { name: 'Add a delegation' }).click();
    await fill(`Name of delegation ${at + 1}`, side);
  }
  for (const [at, item] of agenda.entries()) {
    if (at >= 2) await page.getByRole('button', { name: 'Add an item' }).click();
    const its = page.locator('.item').nth(at);
    await fill(`Item ${at + 1}`, item.title);
    await its.getByRole('radio', { name: item.ground ? 'In closed session' : 'In public' }).check();
    if (item.ground) await fill('Ground for excluding the public', item.ground, its);
  }
  if (chair) {
    await page.selectOption('#rule-opening', { label: `when ${chair} says so, as chair` });
    await page.selectOption('#rule-closing', { label: `only when ${chair} closes them, as chair` });
  }
  for (const duty of duties) await page.check(`#duty-${duty}`);
  for (const language of languages) {
    await page.selectOption('#language', language);
    await page.click('[data-do=add-language]');
    await page.locator(`[data-language="${language}"]`).waitFor();
  }
  await page.getByRole('button', { name: 'Convene' }).click();
  await page.waitForSelector('[data-link]');
  const links = [];
  for (const side of sides) links.push(await shownLink(page, `Link for ${side}`, side));
  const desks = [];
  for (const side of sides) desks.push(await shownLink(page, `Desk of ${side}`, `desk ${side}`));
  const open = await page.locator('.public a').innerText();
  return { links, desks, open, meeting: new URL(open).pathname.split('/').pop() };
}

/** Everything in the device check up to the click. */
export async function prepare(page, link, name) {
  await page.goto(link);
  await page.fill('#name', name);
  await page.waitForSelector('.preview video');
  // The fake microphone's tone is what a noise suppressor is there to remove.
  await page.getByLabel('I use a headset').check();
}

/** Through the device check into the room. */
export async function join(page, link, name) {
  await prepare(page, link, name);
  await page.getByRole('button', { name: /Join the meeting|Return to the meeting/ }).click();
}

/** Through the device check with a letter, which names its person. */
export async function joinByLetter(page, link) {
  await page.goto(link);
  await page.waitForSelector('.preview video');
  await page.getByLabel('I use a headset').check();
  await page.getByRole('button', { name: /Join the meeting|Return to the meeting/ }).click();
}

/** Opens a delegation's desk with its link and makes its key; gives the desk's own link. */
export async function makeKey(page, link) {
  await page.goto(link);
  await page.getByRole('button', { name: 'Make the delegation’s key' }).click();
  const own = await shownLink(page, 'Link of this desk', 'desk');
  await page.getByRole('button', { name: 'I have kept it' }).click();
  return own;
}

/** Makes a letter out at the desk; gives its link. */
export async function mint(desk, { name, role, ask = false }) {
  await desk.fill('#mint-name', name);
  await desk.selectOption('#mint-role', role);
  await desk.getByLabel('Must be let in from here').setChecked(ask);
  await desk.getByRole('button', { name: 'Make the letter' }).click();
  const made = desk.locator(`[data-minted="${name}"]`);
  return shownLink(made, `Link of ${name}`, name);
}

/** Waits until the desk says of a letter that it is in this state. */
export const letterIs = (desk, name, state) =>
  desk.locator(`[data-letter="${name}"][data-state="${state}"]`).waitFor();

export const lampOf = (page) => page.locator('[data-lamp]').first().getAttribute('data-lamp', { timeout: 5_000 });

export const lampBecomes = (page, lamp, seconds) =>
  explained(page, until(async () => (await lampOf(page).catch(() => '')) === lamp, { what: `the lamp says ${lamp}`, seconds }));

let failures = 0;

/** What is waited for; if it does not come, what the page says meanwhile and how its connections stand. */
async function explained(page, waiting) {
  try {
    return await waiting;
  } catch (error) {
    const standing = await page
      .evaluate(() => ({
        lamp: document.querySelector('[data-lamp]')?.textContent,
        says: [...document.querySelectorAll('[role=alert], [role=status]')].map((it) => it.innerText),
        connections: (window.connections ?? []).map((it) => [it.connectionState, it.iceConnectionState, it.signalingState].join(' ')),
      }))
      .catch((reason) => `${reason}`);
    const media = await received(page).catch((reason) => `${reason}`);
    await shot(page, `not-within-${(failures += 1)}`);
    throw new Error(`${error.message}\n${JSON.stringify({ standing, media }, null, 1)}`, { cause: error });
  }
}

/** What the newest connection of a page has received. */
export const received = (page) =>
  page.evaluate(async () => {
    const connection = window.connections?.at(-1);
    const sum = { frames: 0, packets: 0, bytes: 0, energy: 0, concealed: 0, samples: 0 };
    sum.connection = window.connections?.length ?? 0;
    (await connection?.getStats())?.forEach((report) => {
      if (report.type !== 'inbound-rtp') return;
      sum.frames += report.framesDecoded ?? 0;
      sum.packets += report.packetsReceived ?? 0;
      sum.bytes += report.bytesReceived ?? 0;
      sum.energy += report.totalAudioEnergy ?? 0;
      sum.samples += report.totalSamplesReceived ?? 0;
      sum.concealed += report.concealedSamples ?? 0;
    });
    return sum;
  });

/** How many packets of sound the page sends in two seconds. */
export const soundsSent = (page) =>
  page.evaluate(async () => {
    const count = async () => {
      let packets = 0;
      (await window.connections.at(-1).getStats()).forEach((report) => {
        if (report.type === 'outbound-rtp' && report.kind === 'audio') packets += report.packetsSent;
      });
      return packets;
    };
    const before = await count();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    return (await count()) - before;
  });

/** Decoded pictures grow by `more`. */
export async function sees(page, more = 10) {
  let { frames: before, connection: since } = await received(page);
  const moreCame = async () => {
    const { frames, connection } = await received(page);
    // A new connection counts from nothing.
    if (connection !== since) [before, since] = [0, connection];
    return frames >= before + more;
  };
  await explained(page, until(moreCame, { what: `${more} more pictures` }));
}

/** The loudest frequency of all that the page receives, in hertz; 0 when there is silence. */
export const pitch = (page) =>
  page.evaluate(async () => {
    const connection = window.connections.at(-1);
    if (!connection) return 0;
    const context = new AudioContext({ sampleRate: 48_000 });
    await context.resume();
    const analyser = new AnalyserNode(context, { fftSize: 8_192, smoothingTimeConstant: 0 });
    for (const { receiver } of connection.getTransceivers()) {
      if (receiver.track.kind !== 'audio') continue;
      context.createMediaStreamSource(new MediaStream([receiver.track])).connect(analyser);
    }
    await new Promise((resolve) => setTimeout(resolve, 600));
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    let loudest = 0;
    bins.forEach((level, bin) => {
      if (level > bins[loudest]) loudest = bin;
    });
    await context.close();
    return bins[loudest] < -60 ? 0 : (loudest * 48_000) / 8_192;
  });

export const near = (hertz, expected) => Math.abs(hertz - expected) < 30;

/** The loudest thing that arrives is this tone. */
export const hears = (page, hertz) =>
  until(async () => near(await pitch(page), hertz), { what: `a tone of ${hertz} Hz` });

/** Moves to open: the button is one that must be meant, so it answers only after it was there for a moment. */
export async function moveToOpen(page) {
  await page.click('[data-do=open]');
  await deliberately(page, 'Move to open');
}

export const deliberately = (page, name) => taken(page.getByRole('button', { name, exact: true }));

/** Presses a button that must be meant, until it is gone. */
export async function taken(button) {
  await button.waitFor();
  await button.page().waitForFunction(() => (document.querySelector('dialog')?.getAnimations().length ?? 0) === 0);
  const press = async () => {
    await button.click({ timeout: 5_000 }).catch(() => undefined);
    return !(await button.isVisible());
  };
  await until(press, { what: `${button} is taken`, every: 300 });
}

export function noComplaints(pages) {
  for (const page of pages) assert.deepEqual(page.heard, []);
}
