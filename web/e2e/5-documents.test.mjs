// Documents that one side offers the other: fetched, held against what was offered, shown if they are pictures, taken back.
// The house keeps them as long as the meeting lasts, and never as they are.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, join, lampBecomes, moveToOpen, noComplaints, person } from './support/people.mjs';
import { usable } from './support/usable.mjs';

/** One red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
  'base64',
);
const CANARY = 'The northern gauge reads three metres.';
const file = (name, mimeType, buffer) => ({ name, mimeType, buffer });
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

describe('documents', { concurrency: false }, () => {
  let house, browser, ana, ben, meeting;

  before(async () => {
    [house, browser] = await Promise.all([openHouse(), launch({ crowded: true })]);
    [ana, ben] = [await person(browser, { acceptDownloads: true }), await person(browser, { acceptDownloads: true })];
    meeting = await convene(ben, house.convene);
    await join(ana, meeting.links[0], 'Elena Marsh');
    await join(ben, meeting.links[1], 'Tomas Iversen');
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
    await ana.click('[data-do=documents]');
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  const offer = (...files) => ana.locator('input[type=file]').setInputFiles(files);
  const of = (page, name) => page.locator('[data-document]').filter({ hasText: name });
  const save = async (name) => {
    await of(ben, name).locator('[data-do=fetch]').click();
    const link = of(ben, name).locator('[data-do=save]');
    await link.waitFor();
    const [download] = await Promise.all([ben.waitForEvent('download'), link.click()]);
    assert.equal(download.suggestedFilename(), name);
    return readFile(await download.path());
  };

  test('what is offered is announced, and comes as it was', async () => {
    await offer(file('gauges.txt', 'text/plain', Buffer.from(CANARY)), file('map.png', 'image/png', PNG));
    await ben.locator('[data-do=documents] [data-unread="2"]').waitFor();
    await ben.click('[data-do=documents]');
    await of(ben, 'gauges.txt').getByText('text/plain').waitFor();
    assert.equal((await save('gauges.txt')).toString(), CANARY);
    await usable(ben, 'documents');
    await shot(ben, '70-documents');
  });

  test('a picture is shown, and what only says that it is one is not', async () => {
    await of(ben, 'map.png').locator('[data-do=fetch]').click();
    await of(ben, 'map.png').locator('summary').click();
    await until(() => of(ben, 'map.png').locator('img').evaluate((it) => it.complete && it.naturalWidth === 1), {
      what: 'the picture is there',
    });
    const page = Buffer.from('<script>document.title = "mine"</script>');
    await offer(file('trap.png', 'image/png', page), file('trap.svg', 'image/svg+xml', page));
    for (const name of ['trap.png', 'trap.svg']) {
      await of(ben, name).locator('[data-do=fetch]').click();
      await of(ben, name).locator('[data-do=save]').waitFor();
      assert.equal(await of(ben, name).locator('img, summary').count(), 0, name);
    }
  });

  test('ten megabytes come whole, and more are refused before they are sent', async () => {
    const large = randomBytes(10 * 1024 * 1024);
    await offer(file('survey.bin', 'application/octet-stream', large));
    await of(ben, 'survey.bin').waitFor();
    assert.equal(sha256(await save('survey.bin')), sha256(large));
    await offer(file('too-long.bin', 'application/octet-stream', Buffer.alloc(10 * 1024 * 1024 + 1)));
    await ana.locator('[data-sending=failed]').waitFor();
    await shot(ana, '71-too-large');
    await ana.locator('[data-sending=failed] button').click();
    await until(async () => (await ana.locator('[data-sending]').count()) === 0, { what: 'it is put away' });
  });

  test('what the house refuses it gives its own reason for, however much was still to be sent', async () => {
    const large = Buffer.alloc(10 * 1024 * 1024);
    for (const some of [[1, 2, 3], [4, 5, 6]]) {
      await offer(...some.map((n) => file(`annex-${n}.bin`, 'application/octet-stream', large)));
    }
    const failed = ana.locator('[data-sending=failed]');
    await failed.getByText('You offer as much as one may. Take a document back first.').waitFor();
    assert.equal(await failed.count(), 1);
    assert.match(await failed.innerText(), /annex-6/);
    await shot(ana, '71-refused-by-the-house');
    await failed.locator('button').click();
    for (const n of [1, 2, 3, 4, 5]) await of(ana, `annex-${n}`).locator('[data-do=withdraw]').click();
    await until(async () => (await ben.locator('[data-document=withdrawn]').count()) === 5, { what: 'all are taken back' });
  });

  /** As somebody drags a file here from the desk of their system. */
  const drop = async (page, where, name, text) => {
    const held = await page.evaluateHandle(
      ([name, text]) => {
        const data = new DataTransfer();
        data.items.add(new File([text], name, { type: 'text/plain' }));
        return data;
      },
      [name, text],
    );
    for (const type of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent(where, type, { dataTransfer: held });
  };

  test('a file is dropped on the pane, and beside it nothing takes the place of the page', async () => {
    await drop(ana, '.documents', 'dropped.txt', 'By hand.');
    await of(ben, 'dropped.txt').waitFor();
    assert.equal((await save('dropped.txt')).toString(), 'By hand.');
    await ana.click('[data-do=documents]');
    assert.equal(await ana.locator('.documents').count(), 0);
    const address = ana.url();
    await drop(ana, '.room', 'beside.txt', 'Not here.');
    await ana.locator('.documents').waitFor();
    assert.equal(ana.url(), address);
    await lampBecomes(ana, 'closed');
    assert.equal(await of(ana, 'beside.txt').count(), 0, 'dropped beside the pane it is not offered, for nobody meant that');
  });

  test('the house has nothing that anybody could read, and a stranger gets nothing', async () => {
    for (const entry of await readdir(house.data, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(`${entry.parentPath ?? entry.path}/${entry.name}`);
      assert.equal(bytes.includes(CANARY), false, entry.name);
    }
    const answer = await fetch(`${house.url}/api/documents/${'A'.repeat(22)}`);
    assert.ok([401, 403].includes(answer.status), `${answer.status}`);
  });

  test('what is taken back is gone', async () => {
    await of(ana, 'gauges.txt').locator('[data-do=withdraw]').click();
    await ben.locator('[data-document=withdrawn]').getByText('gauges.txt').waitFor();
    assert.equal(await of(ben, 'gauges.txt').locator('[data-do]').count(), 0);
  });

  test('in an open part a document is for the members alone, and says so', async () => {
    await moveToOpen(ana);
    await deliberately(ben, 'Agree to open');
    await Promise.all([lampBecomes(ana, 'open'), lampBecomes(ben, 'open')]);
    await offer(file('statement.txt', 'text/plain', Buffer.from('We welcome you.')));
    await of(ben, 'statement.txt').waitFor();
    await ben.getByText('the public does not get these').waitFor();
    assert.equal((await save('statement.txt')).toString(), 'We welcome you.');
    await shot(ben, '72-documents-open');
    await ben.setViewportSize({ width: 360, height: 740 });
    await usable(ben, 'documents on a telephone');
    await shot(ben, '73-documents-360');
  });

  test('when the meeting is over the house keeps none of it', async () => {
    const kept = async () => (await readdir(`${house.data}/documents`, { recursive: true }).catch(() => [])).length;
    assert.ok((await kept()) > 0);
    await ana.click('[data-do=close]');
    await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
    await ana.click('[data-do=adjourn]');
    await deliberately(ana, 'Adjourn for everybody');
    await Promise.all([lampBecomes(ana, 'adjourned'), lampBecomes(ben, 'adjourned')]);
    await until(async () => (await kept()) === 0, { what: 'nothing is kept' });
  });

  test('no page complained', () => noComplaints([ana, ben]));
});
