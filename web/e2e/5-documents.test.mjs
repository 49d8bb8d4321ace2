// Documents: one offers, the others get them whole, and whoever offered takes back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { launch, shot } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, join, lampBecomes, noComplaints, person, sees } from './support/people.mjs';

const TEXT = 'The fallback is eleven per cent.\n';
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('documents', { concurrency: false }, () => {
  let house, browser, elena, tomas;

  const offer = async (page, name, mimeType, buffer) => {
    await page.locator('.documents input[type=file]').setInputFiles({ name, mimeType, buffer });
  };
  const entry = (page, name) => page.locator('[data-document]').filter({ hasText: name });
  const saved = async (page, name) => {
    await entry(page, name).locator('[data-do=fetch]').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      entry(page, name).locator('[data-do=save]').click({ timeout: 20_000 }),
    ]);
    assert.equal(download.suggestedFilename(), name);
    return readFile(await download.path());
  };

  before(async () => {
    house = await openHouse();
    browser = await launch();
    const [first, second, convener] = await Promise.all([0, 1, 2].map(() => person(browser, { bypassCSP: false })));
    [elena, tomas] = [first, second];
    const meeting = await convene(convener, house.convene);
    await join(elena, meeting.links[0], 'Elena Marsh');
    await lampBecomes(elena, 'closed');
    await join(tomas, meeting.links[1], 'Tomas Iversen');
    await Promise.all([lampBecomes(tomas, 'closed'), sees(elena), sees(tomas)]);
    await elena.click('[data-do=documents]');
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('a text comes to the others as it was offered', async () => {
    await offer(elena, 'fallback.txt', 'text/plain', Buffer.from(TEXT));
    await tomas.locator('[data-fresh="1"]').waitFor({ timeout: 20_000 });
    await tomas.click('[data-do=documents]');
    assert.equal(String(await saved(tomas, 'fallback.txt')), TEXT);
  });

  test('a picture is shown, and what is only called one is not', async () => {
    await offer(elena, 'chart.png', 'image/png', PICTURE);
    await entry(tomas, 'chart.png').locator('[data-do=fetch]').click();
    await entry(tomas, 'chart.png').locator('summary').click();
    const image = entry(tomas, 'chart.png').locator('img');
    assert.ok(await image.evaluate(async (it) => (await it.decode(), it.naturalWidth === 1)));
    await offer(elena, 'lie.png', 'image/png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
    await entry(tomas, 'lie.png').locator('[data-do=fetch]').click();
    await entry(tomas, 'lie.png').locator('[data-do=save]').waitFor();
    assert.equal(await entry(tomas, 'lie.png').locator('details').count(), 0);
  });

  test('ten megabytes come whole', async () => {
    const large = Buffer.alloc(10 * 1024 * 1024, 'sealed in pieces ');
    await offer(elena, 'annex.pdf', 'application/pdf', large);
    await entry(tomas, 'annex.pdf').waitFor({ timeout: 40_000 });
    assert.ok((await saved(tomas, 'annex.pdf')).equals(large));
    await shot(tomas, '38-documents');
  });

  test('what is taken back is gone for the others', async () => {
    await entry(elena, 'fallback.txt').locator('[data-do=withdraw]').click();
    await tomas.locator('[data-document=withdrawn]').waitFor();
  });

  test('nobody complains', () => noComplaints([elena, tomas]));
});
