// On a telephone: everything fits under a thumb, and the screen stays on as long as its holder is in the meeting.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { fits } from './support/fits.mjs';
import { openHouse } from './support/house.mjs';
import { convene, join, lampBecomes, noComplaints, person, sees } from './support/people.mjs';
import { usable } from './support/usable.mjs';

const PHONE = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

/**
 * A telephone's two cameras. Chromium's second fake camera gives no pictures, so the one at the back is a green wall; the one at
 * the front is Chromium's. As on a telephone, each says which way it looks, and may be in use by another app.
 */
function twoCameras() {
  window.cameras = { asked: [], taken: undefined };
  const wall = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    const context = canvas.getContext('2d');
    let n = 0;
    setInterval(() => {
      context.fillStyle = `rgb(0 ${150 + (n += 1) % 2} 0)`;
      context.fillRect(0, 0, 640, 480);
    }, 60);
    return canvas.captureStream(15);
  };
  const says = (stream, settings) => {
    const [track] = stream.getVideoTracks();
    const all = track.getSettings.bind(track);
    track.getSettings = () => ({ ...all(), ...settings });
    return stream;
  };
  const list = MediaDevices.prototype.enumerateDevices;
  MediaDevices.prototype.enumerateDevices = async function () {
    const others = (await list.call(this)).filter(({ kind }) => kind !== 'videoinput');
    return [...others, ...['front', 'back'].map((side) => ({ kind: 'videoinput', deviceId: side, label: `Camera, facing ${side}` }))];
  };
  const take = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (what) {
    if (!what.video) return take.call(this, what);
    const { facingMode, deviceId, ...rest } = what.video;
    const side = facingMode?.exact ?? (deviceId?.exact === 'back' ? 'environment' : 'user');
    window.cameras.asked.push(facingMode?.exact ?? deviceId?.exact ?? 'any');
    if (window.cameras.taken === side) throw new DOMException('in use', 'NotReadableError');
    if (side === 'environment') return says(wall(), { facingMode: side, deviceId: 'back' });
    return says(await take.call(this, { video: rest }), { facingMode: side, deviceId: 'front' });
  };
}

describe('on a telephone', { concurrency: false }, () => {
  let house, browser, phone, other, meeting;

  const locks = () => phone.evaluate(() => window.locks.filter(({ released }) => !released).length);

  const said = (what) =>
    until(async () => (await phone.locator('[data-said]').textContent()) === what, { what });

  /** What a page shows of the other in the middle of their picture. */
  const isGreen = (page) =>
    page.evaluate(() => {
      const context = new OffscreenCanvas(8, 8).getContext('2d');
      context.drawImage(document.querySelector('[data-tile] video'), 0, 0, 8, 8);
      const [r, g, b] = context.getImageData(4, 4, 1, 1).data;
      return g > 100 && r < 60 && b < 60;
    });

  before(async () => {
    house = await openHouse();
    browser = await launch();
    other = await person(browser);
    meeting = await convene(other, house.convene);
    phone = await person(browser, { bypassCSP: true, ...PHONE });
    await phone.addInitScript(twoCameras);
    await phone.addInitScript(() => {
      window.microphones = [];
      const take = MediaDevices.prototype.getUserMedia;
      MediaDevices.prototype.getUserMedia = async function (...what) {
        const stream = await take.apply(this, what);
        window.microphones.push(...stream.getAudioTracks());
        return stream;
      };
      window.locks = [];
      const ask = WakeLock.prototype.request;
      WakeLock.prototype.request = async function (...which) {
        const lock = await ask.apply(this, which);
        window.locks.push(lock);
        return lock;
      };
    });
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  test('the device check fits', async () => {
    await phone.goto(meeting.links[0]);
    await phone.waitForSelector('.preview video');
    await fits(phone, 'the device check');
    assert.equal(await locks(), 0, 'nothing is kept on before the meeting');
  });

  test('the camera at the back is shown as it sees, the one at the front as a mirror', async () => {
    const turn = phone.getByRole('button', { name: 'Switch to the other camera' });
    const mirrored = () => phone.locator('.preview video.mirrored').count();
    assert.equal(await mirrored(), 1);
    await turn.tap();
    await said('Camera at the back.');
    assert.equal(await mirrored(), 0);
    assert.deepEqual(await phone.evaluate(() => window.cameras.asked), ['any', 'environment']);
    assert.equal(await phone.getByLabel('Camera', { exact: true }).inputValue(), 'back');
    await fits(phone, 'the camera at the back');
    await usable(phone, 'the camera at the back');
    await turn.press('Enter');
    await said('Camera at the front.');
    assert.equal(await mirrored(), 1);
  });

  test('in the room the screen stays on, and everything is under a thumb', async () => {
    await join(phone, meeting.links[0], 'Elena Marsh');
    await lampBecomes(phone, 'closed');
    await join(other, meeting.links[1], 'Tomas Iversen');
    await lampBecomes(other, 'closed');
    await until(async () => (await locks()) === 1, { what: 'the screen is kept on' });
    for (const beside of [undefined, 'details', 'chat', 'equipment']) {
      if (beside) await phone.tap(`[data-do=${beside}]`);
      await fits(phone, `the room with ${beside ?? 'pictures'}`);
      await usable(phone, `the room with ${beside ?? 'pictures'}`);
      await shot(phone, `phone-${beside ?? 'room'}`);
    }
  });

  test('the other camera takes the place of the first, on the connection as it is', async () => {
    const connection = () =>
      phone.evaluate(() => {
        const it = window.connections.at(-1);
        const [, { sender }] = it.getTransceivers();
        // Which of them are sent, the house says, by how they are shown.
        const layers = sender.getParameters().encodings.map(({ rid, maxBitrate }) => [rid, maxBitrate].join(' '));
        return { count: window.connections.length, offer: it.localDescription.sdp.match(/^o=.*/m)[0], state: it.signalingState, layers };
      });
    const sent = () => phone.evaluate(() => window.connections.at(-1).getTransceivers()[1].sender.track?.getSettings().facingMode);
    await sees(other);
    const before = await connection();
    assert.equal(before.layers.length, 3);
    await phone.tap('.controls [data-do=turn-camera]');
    await said('Camera at the back.');
    await until(async () => (await sent()) === 'environment', { what: 'the camera at the back is sent' });
    assert.equal(await phone.locator('.own video.mirrored').count(), 0);
    await until(() => isGreen(other), { what: 'the other side sees the wall' });
    await shot(phone, 'phone-back');
    await phone.tap('.controls [data-do=turn-camera]');
    await said('Camera at the front.');
    await until(async () => !(await isGreen(other)), { what: 'the other side sees the first camera again' });
    await sees(other);
    assert.deepEqual(await connection(), before);
  });

  test('a camera that another app has leaves the one before on, and the person is told', async () => {
    await phone.evaluate(() => (window.cameras.taken = 'environment'));
    await phone.tap('.controls [data-do=turn-camera]');
    await phone.locator('.equipment [data-stayed=camera]').waitFor();
    await fits(phone, 'the note among the devices');
    await phone.tap('[data-do=equipment]');
    await phone.locator('.notes [data-stayed=camera]').waitFor();
    await fits(phone, 'the note of a camera that is taken');
    await usable(phone, 'the note of a camera that is taken');
    assert.deepEqual(await phone.evaluate(() => window.cameras.asked.slice(-2)), ['environment', 'front']);
    assert.equal(await phone.locator('.own video.mirrored').count(), 1);
    await sees(other);
    await phone.getByRole('button', { name: 'All right' }).tap();
    await phone.locator('[data-stayed]').waitFor({ state: 'detached' });
    await phone.evaluate(() => (window.cameras.taken = undefined));
  });

  test('sound that a telephone call has paused comes back by itself', async () => {
    const paused = () => phone.locator('audio').evaluateAll((all) => all.map((it) => it.paused));
    await until(async () => (await paused()).includes(false), { what: 'sound plays' });
    const before = await paused();
    await phone.locator('audio').evaluateAll((all) => all.forEach((it) => it.pause()));
    await until(async () => (await paused()).join() === before.join(), { what: 'sound plays again' });
  });

  test('a microphone that another app holds is said, until it is back', async () => {
    const note = phone.locator('[data-held]');
    assert.equal(await note.count(), 0);
    const turn = (muted) =>
      phone.evaluate((is) => {
        const track = window.microphones.at(-1);
        Object.defineProperty(track, 'muted', { configurable: true, get: () => is });
        track.dispatchEvent(new Event(is ? 'mute' : 'unmute'));
      }, muted);
    await turn(true);
    await note.waitFor();
    await fits(phone, 'the note of a microphone that is held');
    await turn(false);
    await note.waitFor({ state: 'detached' });
    const taken = await phone.evaluate(() => window.microphones.length);
    await turn(true);
    await note.waitFor();
    await phone.evaluate(() => {
      const track = window.microphones.at(-1);
      track.stop();
      track.dispatchEvent(new Event('ended'));
    });
    await until(() => phone.evaluate((n) => window.microphones.length > n && window.microphones.at(-1).readyState === 'live', taken), {
      what: 'the microphone is taken anew',
    });
    await note.waitFor({ state: 'detached' });
  });

  test('the screen may sleep once its holder has left', async () => {
    await phone.tap('[data-do=leave]');
    await until(async () => (await locks()) === 0, { what: 'the screen may sleep' });
  });

  test('no page complained', () => noComplaints([phone, other]));
});
