// What people write to one another: everybody in the room reads it, nobody else does, and the page says in which part it was.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openLine } from './support/line.mjs';
import { openHouse } from './support/house.mjs';
import { convene, deliberately, join, lampBecomes, moveToOpen, noComplaints, person, sees } from './support/people.mjs';
import { usable } from './support/usable.mjs';

const QUESTION = 'Can we take the customs item before the break?';
const MARKUP = '<b>Yes</b>, from page 3.';

describe('what is written', { concurrency: false }, () => {
  let house, line, browser, elena, tomas, viewer, convener, meeting;

  const write = async (page, text) => {
    await page.getByLabel('Write to everybody in the room').fill(text);
    await page.keyboard.press('Enter');
  };
  const texts = (page) => page.locator('[data-message] .text').allInnerTexts();
  const reads = (page, expected) =>
    until(async () => JSON.stringify(await texts(page)) === JSON.stringify(expected), { what: `messages ${expected}` });

  before(async () => {
    house = await openHouse();
    line = await openLine(house.url);
    browser = await launch({ crowded: true });
    [elena, tomas, viewer, convener] = await Promise.all([0, 1, 2, 3].map(() => person(browser, { bypassCSP: true })));
    meeting = await convene(convener, house.convene);
    await join(elena, meeting.links[0], 'Elena Marsh');
    await lampBecomes(elena, 'closed');
    await join(tomas, meeting.links[1].replace(house.url, line.url), 'Tomas Iversen');
    await Promise.all([lampBecomes(tomas, 'closed'), sees(elena), sees(tomas)]);
  });
  after(async () => {
    await browser?.close();
    line?.close();
    await house?.close();
  });

  test('the others are told of a message before they have opened the list, and read it there', async () => {
    await elena.click('[data-do=chat]');
    await usable(elena, 'no messages yet');
    await write(elena, QUESTION);
    await elena.locator('[data-message=passed]').waitFor();
    assert.equal(await elena.locator('[data-unread]').count(), 0);
    await tomas.locator('[data-unread="1"]').waitFor();
    await usable(tomas, 'a message that was not read');
    assert.match(await tomas.locator('[data-said]').innerText(), /Message from Elena Marsh: Can we take/);
    await tomas.click('[data-do=chat]');
    await reads(tomas, [QUESTION]);
    assert.equal(await tomas.locator('[data-unread]').count(), 0);
  });

  test('what is typed is text and no markup, and typing moves no switch', async () => {
    const draft = tomas.getByLabel('Write to everybody in the room');
    await draft.focus();
    // M and V are keys of the room elsewhere.
    await tomas.keyboard.type('mv');
    await tomas.keyboard.press('Shift+Enter');
    await tomas.keyboard.type('mv');
    assert.equal(await draft.inputValue(), 'mv\nmv');
    assert.equal(await tomas.locator('[data-do=mute].off').count(), 0);
    // Whoever looks at something else meanwhile finds it again.
    await tomas.click('[data-do=details]');
    await tomas.click('[data-do=chat]');
    assert.equal(await draft.inputValue(), 'mv\nmv');
    await write(tomas, MARKUP);
    await reads(elena, [QUESTION, MARKUP]);
    assert.equal(await elena.locator('.text b').count(), 0);
  });

  test('in an open part the page says so, and the public reads nothing of it', async () => {
    const got = [];
    viewer.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => got.push(String(payload))));
    await viewer.goto(meeting.open);
    await moveToOpen(elena);
    await deliberately(tomas, 'Agree to open');
    await Promise.all([elena, tomas, viewer].map((page) => lampBecomes(page, 'open')));
    await write(tomas, 'The press is listening now.');
    await reads(elena, [QUESTION, MARKUP, 'The press is listening now.']);
    assert.deepEqual(await elena.locator('li.part').allInnerTexts(), [
      'Closed part 1',
      'Open part 2: the public does not read this',
    ]);
    assert.ok(!(await viewer.content()).includes('The press is listening now.'));
    assert.ok(got.length > 0 && !got.join().includes('sealed') && !got.join().includes('The press'));
    await usable(elena, 'messages of two parts');
    await shot(elena, '36-messages');
    await elena.setViewportSize({ width: 360, height: 640 });
    await usable(elena, 'messages on a telephone');
    await shot(elena, '37-messages-on-a-telephone');
    await elena.setViewportSize({ width: 1280, height: 720 });
  });

  test('what is written while the line is away arrives when it is back, once', async () => {
    line.tear();
    await tomas.locator('[data-away]').waitFor();
    await write(elena, 'Are you still there?');
    await write(tomas, 'I am back.');
    await tomas.locator('[data-message=waiting]').waitFor();
    line.mend();
    await until(async () => (await texts(tomas)).filter((text) => text === 'Are you still there?').length === 1, {
      what: 'the message after the line came back',
    });
    await until(async () => (await texts(elena)).at(-1) === 'I am back.', { what: 'what was written meanwhile' });
    await until(async () => (await tomas.locator('[data-message=waiting]').count()) === 0, { what: 'nothing waits' });
  });

  test('nobody complains', () => noComplaints([elena, viewer]));
});
