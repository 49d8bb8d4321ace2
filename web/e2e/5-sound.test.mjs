// What is heard of a meeting that is interpreted, and what protects an interpreter's ears, as a real browser works it out.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serveBench } from './support/bench.mjs';
import { launch, until } from './support/browser.mjs';
import { heardOf, levels, tapsTheLoudspeaker } from './support/ears.mjs';

const decibels = (sample) => 20 * Math.log10(sample);
const amplitude = (db) => 10 ** (db / 20);
/** As `CEILING_DB` has it, and what arithmetic may add. */
const CEILING = -6 + 0.05;

describe('an interpreter’s ear', { concurrency: false }, () => {
  let bench, browser, page;
  const heard = (sound, knobs = {}) =>
    page.evaluate((it) => window.heard(it.sound, it.knobs), { sound, knobs: { volume: 1, bass: 0, treble: 0, ...knobs } });
  const tone = (db, hertz = 1_000) => ({ hertz, amplitude: amplitude(db) });

  before(async () => {
    [bench, browser] = await Promise.all([serveBench('sound'), launch({ devices: false })]);
    page = await browser.newPage();
    await page.goto(bench.url);
  });
  after(async () => {
    await browser?.close();
    bench?.close();
  });

  test('speech at its usual level comes as it is', async () => {
    for (const db of [-40, -20, -14]) {
      const { settled } = await heard(tone(db));
      assert.ok(Math.abs(decibels(settled) - db) < 0.5, `${db} dB came as ${decibels(settled)}`);
    }
  });

  test('what is too loud is held', async () => {
    for (const db of [-6, 0, 12]) {
      const { peak, settled } = await heard(tone(db));
      console.log(`${db} dB: at the most ${decibels(peak).toFixed(1)}, held at ${decibels(settled).toFixed(1)}`);
      assert.ok(decibels(settled) < -10.5, `${db} dB came as ${decibels(settled)}`);
      assert.ok(decibels(peak) <= CEILING, `${db} dB began as ${decibels(peak)}`);
    }
  });

  test('not even a crack passes the ceiling', async () => {
    const { peak } = await heard('crack');
    assert.ok(decibels(peak) <= CEILING, `${decibels(peak)}`);
  });

  test('nor does it by turning everything up', async () => {
    const { peak } = await heard(tone(0, 100), { bass: 12, treble: 12 });
    assert.ok(decibels(peak) <= CEILING, `${decibels(peak)}`);
  });

  test('bass and treble turn what is low and high, and volume all of it', async () => {
    const change = async (hertz, knobs) =>
      decibels((await heard(tone(-40, hertz), knobs)).settled) - decibels((await heard(tone(-40, hertz))).settled);
    assert.ok(Math.abs((await change(80, { bass: 12 })) - 12) < 1.5);
    assert.ok(Math.abs(await change(8_000, { bass: 12 })) < 0.5);
    assert.ok(Math.abs((await change(10_000, { treble: -12 })) + 12) < 1.5);
    assert.ok(Math.abs(await change(300, { treble: -12 })) < 0.5);
    assert.ok(Math.abs((await change(1_000, { volume: 0.5 })) + 6) < 0.5);
  });
});

describe('floor and channel', { concurrency: false }, () => {
  const [FLOOR, CHANNEL] = [700, 1_300];
  let bench, browser, page, full;
  const says = (word, beneath) => page.evaluate((it) => window.says(it.word, it.beneath), { word, beneath });
  const become = async (floor, channel) =>
    until(
      async () => {
        const [is, itIs] = await levels(page, FLOOR, CHANNEL);
        return (floor === null ? is < -60 : Math.abs(is - floor) < 1.5) && (channel === null ? itIs < -60 : itIs > -30);
      },
      { what: `the floor at ${floor} dB and the channel ${channel === null ? 'silent' : 'heard'}` },
    );
  /** How long the floor took from its level beneath to nearly its whole, the last time. */
  const rise_ms = async () => {
    const [trace] = await heardOf(page, [FLOOR], 6);
    const from = trace.findLastIndex((level) => level < full + decibels(0.2) + 2);
    const to = trace.findIndex((level, index) => index > from && level > full - 1.5);
    return (to - from) * 20;
  };

  before(async () => {
    [bench, browser] = await Promise.all([serveBench('sound'), launch({ devices: false })]);
    page = await browser.newPage();
    await page.addInitScript(tapsTheLoudspeaker);
    await page.goto(bench.url);
    await page.evaluate((tones) => window.mixes(tones), [FLOOR, CHANNEL]);
  });
  after(async () => {
    await browser?.close();
    bench?.close();
  });

  test('the floor has all slots while nothing is chosen', async () => {
    await says('floor', 0.2);
    await until(async () => (await levels(page, FLOOR, CHANNEL)).every((level) => level > -30), { what: 'both are heard' });
    // It is there when it grows no more.
    full = await until(
      async () => {
        const [before] = await levels(page, FLOOR);
        await new Promise((resolve) => setTimeout(resolve, 700));
        const [after] = await levels(page, FLOOR);
        return Math.abs(after - before) < 0.2 && after;
      },
      { what: 'the floor is steady' },
    );
  });

  test('beneath a channel it is as loud as was said, and a channel is as loud as the floor', async () => {
    await says('channel', 0.2);
    await become(full + decibels(0.2), 'heard');
    const [, channel] = await levels(page, FLOOR, CHANNEL);
    assert.ok(Math.abs(channel - full) < 3, `${channel} and ${full}`);
    await says('channel', 0.5);
    await become(full + decibels(0.5), 'heard');
    await says('channel', 0);
    await become(null, 'heard');
    await says('channel', 0.2);
    await become(full + decibels(0.2), 'heard');
  });

  test('it comes up slowly by itself when a channel falls silent, and whatever comes there is not heard', async () => {
    await says('nobody', 0.2);
    await become(full, null);
    const took = await rise_ms();
    console.log(`the floor came up by itself in ${took} ms`);
    assert.ok(took > 400 && took < 1_600, `${took} ms`);
  });

  test('nor is it faster because something else is said meanwhile', async () => {
    await says('channel', 0.2);
    await become(full + decibels(0.2), 'heard');
    await says('nobody', 0.2);
    await says('missing', 0.2);
    await become(full, null);
    assert.ok((await rise_ms()) > 400);
  });

  test('whoever chooses it has it soon', async () => {
    await says('channel', 0.2);
    await become(full + decibels(0.2), 'heard');
    await says('floor', 0.2);
    await become(full, 'heard');
    const took = await rise_ms();
    console.log(`the floor was chosen and there in ${took} ms`);
    assert.ok(took < 350, `${took} ms`);
  });
});
