// Browsers let media out in clear when a transform is attached carelessly. Here every way that is known to do so is
// tried on the code that the room uses, and the far side looks at each frame: none may be clear.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serveBench } from './support/bench.mjs';
import { launch } from './support/browser.mjs';

describe('what leaves the browser', { concurrency: false }, () => {
  let bench, browser;

  before(async () => {
    [bench, browser] = await Promise.all([serveBench('fail-open'), launch()]);
  });
  after(async () => {
    await browser?.close();
    bench?.close();
  });

  async function outcome(name) {
    const page = await browser.newPage();
    try {
      await page.goto(bench.url);
      return await page.evaluate((it) => window.failOpen(it), name);
    } finally {
      await page.close();
    }
  }

  function nothingClear(it) {
    assert.equal(it.clear, 0, `clear frames arrived: ${JSON.stringify(it)}`);
    assert.equal(it.decoded, 0, `pictures could be decoded without a key: ${JSON.stringify(it)}`);
  }

  test('the control: without transform and flag the detector sees clear frames', async () => {
    const it = await outcome('no transform, no flag');
    assert.ok(it.clear > 50, JSON.stringify(it));
    assert.ok(it.decoded > 10, JSON.stringify(it));
    assert.equal(it.sealed, 0);
  });

  test('as the room does it: all frames are sealed', async () => {
    const it = await outcome('as the room does it');
    nothingClear(it);
    assert.ok(it.sealed > 100, JSON.stringify(it));
  });

  test('real keys: nothing before them, and no frame that went in comes out', async () => {
    const it = await outcome('real keys');
    nothingClear(it);
    assert.equal(it.notes.before, 0, JSON.stringify(it));
    assert.ok(it.sealed > 100 && it.notes.made > 100, JSON.stringify(it));
  });

  test('a transform attached late: nothing before it, and sealed after it', async () => {
    const it = await outcome('a transform attached late');
    nothingClear(it);
    assert.equal(it.notes.before, 0, JSON.stringify(it));
    assert.ok(it.sealed > 50, JSON.stringify(it));
  });

  test('no transform at all: nothing leaves', async () => {
    const it = await outcome('no transform at all');
    nothingClear(it);
    assert.equal(it.packets, 0, JSON.stringify(it));
  });

  test('a camera in layers: each of them sealed, off and on again', async () => {
    const it = await outcome('layers');
    nothingClear(it);
    assert.ok(it.sealed > 100, JSON.stringify(it));
    assert.equal(it.notes.layers, '111', JSON.stringify(it));
    assert.equal(it.notes.small, '100', JSON.stringify(it));
    assert.equal(it.notes.again, '111', JSON.stringify(it));
  });

  for (const name of [
    'another track',
    'another codec and a new negotiation',
    'an ICE restart',
    'a later transceiver',
    'another transform in its place',
  ]) {
    test(`${name}: frames go on, sealed`, async () => {
      const it = await outcome(name);
      nothingClear(it);
      assert.ok(it.sealed > (it.notes.before ?? 0) + 30, JSON.stringify(it));
    });
  }

  for (const [name, codec] of [
    ['AV1', 'video/AV1'],
    ['H.264', 'video/H264'],
  ]) {
    test(`${name}, which does not survive sealing, in mid-call: no clear frame, an alarm, and nothing more leaves`, async () => {
      const control = await outcome(`${name} without transform`);
      assert.ok(control.clear > 30 && control.decoded > 0, `this browser makes no ${name}: ${JSON.stringify(control)}`);
      const it = await outcome(`${name} in mid-call, watched`);
      nothingClear(it);
      assert.ok(it.notes.calm > 50 && it.notes.made > 100, JSON.stringify(it));
      assert.equal(it.notes.codec, codec, JSON.stringify(it));
      assert.equal(it.notes.alarm, 'codec', JSON.stringify(it));
      assert.equal(it.notes.after, 0, JSON.stringify(it));
    });
  }

  test('the death of the worker: nothing more leaves', async () => {
    const it = await outcome('the death of the worker');
    nothingClear(it);
    assert.ok(it.sealed > 50, JSON.stringify(it));
    assert.equal(it.notes.after, 0, JSON.stringify(it));
  });

  test('a hold: frames are dropped, and not sent when it ends', async () => {
    const it = await outcome('a hold');
    nothingClear(it);
    assert.equal(it.notes.during, 0, JSON.stringify(it));
    assert.ok(it.notes.dropped > 100, JSON.stringify(it));
    assert.ok(it.notes.later > 20 && it.notes.later < it.notes.dropped, JSON.stringify(it));
  });

  test('no key yet: nothing leaves, and what was made meanwhile is not sent later', async () => {
    const it = await outcome('no key yet');
    nothingClear(it);
    assert.equal(it.notes.before, 0, JSON.stringify(it));
    assert.ok(it.notes.waiting > 100, JSON.stringify(it));
    assert.ok(it.notes.later > 20 && it.notes.later < it.notes.waiting, JSON.stringify(it));
  });

  test('the watchdog barks at a leak of sound and of picture', async () => {
    const { notes } = await outcome('a leak, watched');
    assert.deepEqual(notes, { sound: 'leak', picture: 'leak' });
  });

  test('the watchdog is calm at a meeting in order, and in a hold', async () => {
    const it = await outcome('no leak, watched');
    nothingClear(it);
    assert.deepEqual(it.notes, { alarm: 'calm' });
  });

  test('the watchdog says when the worker is dead', async () => {
    const it = await outcome('a dead worker, watched');
    nothingClear(it);
    assert.deepEqual(it.notes, { alarm: 'silent' });
  });

  test('the watchdog does not take a busy page for a dead worker, and finds the dead one on a busy page', async () => {
    const it = await outcome('a busy page, watched');
    nothingClear(it);
    assert.deepEqual(it.notes, { working: 'calm', dead: 'silent' });
  });
});
