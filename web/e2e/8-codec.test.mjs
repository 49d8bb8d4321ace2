// Something in the page turns the camera to a codec that does not survive sealing. What then leaves is held against a
// detector in 1-fail-open; here is what the person is told, in the real room, and that the page stops by itself.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, shot, until } from './support/browser.mjs';
import { openHouse } from './support/house.mjs';
import { convene, join, lampBecomes, person, received, sees } from './support/people.mjs';

/** Negotiates the codec for the camera of a room's connection, with an answer as the house would give it. Gives what came of it. */
const turn = (page, codec) =>
  page.evaluate(async (type) => {
    const pc = window.connections.at(-1);
    const camera = pc.getTransceivers().find(({ sender }) => sender.track?.kind === 'video');
    const codecs = RTCRtpReceiver.getCapabilities('video').codecs.filter(({ mimeType }) => mimeType === type);
    camera.setCodecPreferences(codecs);
    await pc.setLocalDescription(await pc.createOffer());
    const sections = (sdp) => sdp.split(/(?=^m=)/m);
    const isCamera = (section) => section.includes(`\r\na=mid:${camera.mid}\r\n`);
    const offered = sections(pc.localDescription.sdp).find(isCamera).split('\r\n');
    const ofCodec = (line) => /^a=(rtpmap|fmtp|rtcp-fb):/.test(line);
    const payloads = offered[0].split(' ').slice(3);
    const answer = sections(pc.currentRemoteDescription.sdp).map((section) => {
      if (!isCamera(section)) return section;
      const [head, ...lines] = section.split('\r\n');
      const kept = lines.filter((line) => line !== '' && !ofCodec(line));
      const media = [...head.split(' ').slice(0, 3), ...payloads].join(' ');
      return [media, ...kept, ...offered.filter(ofCodec), ''].join('\r\n');
    });
    await pc.setRemoteDescription({ type: 'answer', sdp: answer.join('') });
    return camera.sender.getParameters().codecs[0]?.mimeType;
  }, codec);

describe('a codec that does not survive sealing, in a meeting', { concurrency: false }, () => {
  let house, browser;

  before(async () => {
    [house, browser] = await Promise.all([openHouse(), launch()]);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  for (const codec of ['video/AV1', 'video/H264']) {
    test(`${codec}: camera and microphone stop, and the person is told`, async () => {
      const [ana, ben] = [await person(browser), await person(browser)];
      const meeting = await convene(ben, house.convene);
      await join(ana, meeting.links[0], 'Elena Marsh');
      await join(ben, meeting.links[1], 'Tomas Iversen');
      await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
      await Promise.all([sees(ana), sees(ben)]);

      assert.equal(await turn(ana, codec), codec);
      await ana.getByText('a codec that cannot be sealed', { exact: false }).first().waitFor({ timeout: 10_000 });
      await lampBecomes(ana, 'held', 20);
      await shot(ana, `codec-${codec.split('/')[1]}`);
      assert.equal(await ana.evaluate(() => window.connections.at(-1).connectionState), 'closed');
      assert.equal(await ana.locator('.own').count(), 0, 'one’s own picture is gone: the camera is off');
      // What was under way arrives; then nothing more does but the house's own padding, which counts no bytes.
      const quiet = async () => {
        const first = (await received(ben)).bytes;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        return (await received(ben)).bytes === first;
      };
      await until(quiet, { what: 'nothing more comes to the other side', seconds: 10 });
      await Promise.all([ana.context().close(), ben.context().close()]);
    });
  }
});
