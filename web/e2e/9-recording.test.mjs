// What was public is recorded by the house, and offered once the meeting is over: that, and nothing else.
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse, run, verify } from './support/house.mjs';
import { convene, deliberately, join, lampBecomes, moveToOpen, person, sees } from './support/people.mjs';
import { usable } from './support/usable.mjs';

describe('the recording of what was public', { concurrency: false }, () => {
  let house, browserOfAna, browserOfBen, ana, ben, reader, meeting;

  before(async () => {
    house = await openHouse();
    [browserOfAna, browserOfBen] = await Promise.all([launch({ tone: 700 }), launch({ tone: 1_300 })]);
    ana = await person(browserOfAna);
    ben = await person(browserOfBen);
    reader = await person(browserOfBen);
    meeting = await convene(reader, house.convene);
    await join(ana, meeting.links[0], 'Elena Marsh');
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
  });
  after(async () => {
    await Promise.all([browserOfAna?.close(), browserOfBen?.close()]);
    await house?.close();
  });

  test('whoever is asked to open is told that it is recorded', async () => {
    await moveToOpen(ana);
    const dialog = ben.locator('dialog');
    await dialog.waitFor();
    const words = await dialog.innerText();
    assert.ok(words.includes('This house records what is public'), words);
    await shot(ben, 'recording-consent');
  });

  test('after adjournment the public page plays the open part, both sides together', async () => {
    await deliberately(ben, 'Agree to open');
    await Promise.all([lampBecomes(ana, 'open'), lampBecomes(ben, 'open')]);
    await sees(ben, 60);
    // Meanwhile the public watches, and is told that what it sees is what was sent: by each sender's own signature.
    await reader.goto(meeting.open);
    await reader.click('.start button');
    await until(async () => (await reader.locator('[data-proof=verified]').count()) === 2, {
      what: 'both pictures are verified',
    });
    await shot(reader, 'verified');
    assert.equal(await reader.locator('[data-proof=gap]').count(), 0);
    await ana.click('[data-do=close]');
    await lampBecomes(ana, 'closed');
    await ana.click('[data-do=adjourn]');
    await deliberately(ana, 'Adjourn for everybody');
    await lampBecomes(ana, 'adjourned');

    await reader.goto(meeting.open);
    const videos = await bothPlay();
    await shot(reader, 'recording');
    assert.ok(Math.abs(videos[0].at - videos[1].at) < 0.3, JSON.stringify(videos));

    const { state } = await (await fetch(`${house.url}/api/meetings/${meeting.meeting}`)).json();
    const part = state.parts.find(({ open }) => open);
    const seconds = (part.ended_at_ms - part.started_at_ms) / 1_000;
    for (const video of videos) assert.ok(Math.abs(video.seconds - seconds) < 1, `${video.seconds} and ${seconds} s`);
    assert.deepEqual(reader.heard, []);
  });

  /** Plays what stands on the page, until both sides are seen and heard. */
  async function bothPlay() {
    const play = reader.locator('[data-do=play]');
    await play.waitFor();
    await play.scrollIntoViewIfNeeded();
    await play.click();
    const playing = () =>
      reader.evaluate(() =>
        [...document.querySelectorAll('article video')].map((it) => ({
          at: it.currentTime,
          width: it.videoWidth,
          sound: it.webkitAudioDecodedByteCount,
          seconds: it.duration,
        })),
      );
    return until(
      async () => {
        const all = await playing();
        return all.length === 2 && all.every(({ at, width, sound }) => at > 1 && width > 0 && sound > 0) && all;
      },
      { what: 'both play, with picture and sound' },
    );
  }

  /** Has the browser check the record and its recordings, and gives what it found: the codes, with what is said of them. */
  async function check(address = meeting.open, language = 'en') {
    await reader.goto(`${address}?lang=${language}`);
    await reader.locator('#record button').click();
    await reader.locator('[data-record]').waitFor();
    await reader.locator('[data-do=check-recordings]').click();
    await reader.locator('[data-matched], [data-record=fails]').first().waitFor();
    // Every finding is said in the reader's language, and none in the verifier's own words.
    assert.equal(await reader.locator('[data-code] [lang=en]').count(), 0);
    return {
      verdict: await reader.locator('[data-record]').getAttribute('data-record'),
      findings: await reader.locator('[data-code]').evaluateAll((all) => all.map((it) => ({ ...it.dataset, said: it.innerText }))),
      parts: await reader.locator('[data-matched]').evaluateAll((all) => all.map((it) => ({ ...it.dataset }))),
    };
  }

  test('the browser of whoever reads it checks every frame of it against what its sender signed', async () => {
    const { verdict, findings, parts } = await check();
    await shot(reader, 'recordings-checked');
    assert.equal(verdict, 'holds', JSON.stringify(findings));
    const [{ part, matched, contradicted }] = parts;
    assert.ok(part === '2' && Number(matched) > 100 && contradicted === '0', JSON.stringify(parts));
    // As the program with which it is compared.
    const native = await verify(meeting.open);
    const of = native.parts.find(({ n }) => n === 2);
    assert.equal(Number(matched), of.frames.matched);
    assert.deepEqual(findings.map(({ code }) => code), native.remarks.map(({ code }) => code));
  });

  test('a recording that was altered, exchanged or cut off is found by the browser, which says where', async () => {
    const folder = pathOf(house.data, 'recordings', meeting.meeting);
    const [sealed, take] = ['part-2.1.sealed', 'part-2.1-1.webm'].map((name) => pathOf(folder, name));
    const whole = await readFile(sealed);
    const codes = ({ findings }) => findings.map(({ code }) => code);

    // A bit somewhere in the midst.
    const flipped = Buffer.from(whole);
    flipped[Math.floor(whole.length * 0.6)] ^= 1;
    await writeFile(sealed, flipped);
    const altered = await check();
    await shot(reader, 'recordings-altered');
    assert.equal(altered.verdict, 'fails');
    assert.ok(codes(altered).includes('recording-altered'), JSON.stringify(altered));
    assert.ok(altered.findings.some(({ said }) => /Entry \d+: part-2\.1\.sealed is not the file/.test(said)), JSON.stringify(altered));

    await writeFile(sealed, whole);
    await truncate(sealed, Math.floor(whole.length / 2));
    const cut = await check();
    assert.equal(cut.verdict, 'fails');
    const { said } = cut.findings.find(({ code }) => code === 'recording-cut');
    assert.match(said, /ends after [\d,]+ of [\d,]+ bytes/);

    // Said in the reader's language, on a narrow telephone, in the dark.
    const { width, height } = reader.viewportSize();
    await reader.setViewportSize({ width: 320, height: 640 });
    await reader.emulateMedia({ colorScheme: 'dark' });
    for (const language of ['ar', 'zh', 'ru']) {
      assert.equal((await check(meeting.open, language)).verdict, 'fails');
      await usable(reader, `what a check has found, ${language}`);
      const over = await reader.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(over <= 0, `${over} px hang over the edge, ${language}`);
      await shot(reader.locator('#record'), `recordings-cut-${language}`);
    }
    await reader.setViewportSize({ width, height });
    await reader.emulateMedia({ colorScheme: null });

    await copyFile(take, sealed);
    const exchanged = await check();
    assert.equal(exchanged.verdict, 'fails');
    assert.ok(codes(exchanged).some((code) => code === 'recording-altered' || code === 'recording-cut'), JSON.stringify(exchanged));

    await writeFile(sealed, whole);
    assert.equal((await check()).verdict, 'holds');
  });

  test('whoever does not want to wait stops the check, and it is not said to have been made', async () => {
    // A house that never comes to the end of a file.
    await reader.route('**/recordings/part-*', () => undefined);
    await reader.goto(`${meeting.open}?lang=en`);
    await reader.getByRole('button', { name: 'Check the record' }).click();
    await reader.locator('[data-do=check-recordings]').click();
    await reader.locator('progress').waitFor();
    await shot(reader, 'recordings-checking');
    await reader.locator('[data-do=stop-check]').click();
    await reader.getByText('Stopped').waitFor();
    assert.equal(await reader.locator('[data-record]').count(), 0);
    await reader.unroute('**/recordings/part-*');
  });

  test('another house keeps it: whose it was, what was recorded, and the check that says from where it comes', async () => {
    const archive = pathOf(await mkdtemp(pathOf(tmpdir(), 'incamera-e2e-')), 'meeting.tar');
    const data = await mkdtemp(pathOf(tmpdir(), 'incamera-e2e-'));
    assert.equal((await run('export', meeting.open, '--out', archive)).code, 0);
    assert.equal((await run('import', archive, '--data', data)).code, 0);
    const { house: name } = await verify(archive);
    await reader.goto('about:blank');
    await house.kill();
    const other = await openHouse({ data });
    try {
      const address = `${other.url}/m/${meeting.meeting}`;
      await reader.goto(`${address}?lang=en`);
      const said = await reader.locator('main').innerText();
      assert.ok(said.includes('held in another house') && said.includes(name), said);
      assert.ok(said.includes('Republic of Ardania and Kingdom of Borland'), said);
      await bothPlay();
      await usable(reader, 'a meeting of another house');
      await shot(reader, 'imported');
      const { verdict, findings, parts } = await check(address);
      await shot(reader, 'imported-checked');
      assert.equal(verdict, 'holds', JSON.stringify(findings));
      assert.ok(findings.some(({ code }) => code === 'given-out-elsewhere'), JSON.stringify(findings));
      assert.ok(parts.some(({ matched, contradicted }) => Number(matched) > 100 && contradicted === '0'), JSON.stringify(parts));
    } finally {
      await other.close();
    }
    assert.deepEqual(reader.heard, []);
  });
});
