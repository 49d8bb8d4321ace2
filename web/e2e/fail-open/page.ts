/**
 * Two peer connections in one page: one made by the code that the room uses, one that only looks. Each case does to the
 * first what a meeting, a bug or a browser may do to it.
 */

import { addSender, newConnection, openConnection, type Sender, sendLayers } from '../../src/media/connection';
import { isWanted, pinCodecs } from '../../src/media/codecs';
import { watch } from '../../src/media/watchdog';
import type { Tally } from '../../src/worker/pump';
import type { Seen } from './detector';
import { answerToLayers, offerOfLayers } from './layers';
import type { FromTest, ToTest } from './worker';

export interface Outcome extends Omit<Seen, 'prints'> {
  /** Pictures that the far side could decode without any key. */
  decoded: number;
  /** Packets that arrived: that nothing is clear says little when nothing came. */
  packets: number;
  notes: Record<string, number | string | boolean>;
}

const seconds = (n: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, n * 1_000));

const message = <T>(worker: Worker): Promise<T> =>
  new Promise((resolve) =>
    worker.addEventListener('message', ({ data }: MessageEvent<T>) => resolve(data), { once: true }),
  );

class Bench {
  readonly sending: Worker;
  readonly far = new RTCPeerConnection();
  readonly #detector: Worker;
  #question = 0;

  private constructor(sending: Worker, detector: Worker) {
    this.sending = sending;
    this.#detector = detector;
    this.far.addEventListener('track', ({ receiver }) => {
      receiver.transform = new RTCRtpScriptTransform(detector, {});
    });
  }

  static async make(): Promise<Bench> {
    const sending = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const detector = new Worker(new URL('./detector.ts', import.meta.url), { type: 'module' });
    await Promise.all([message<FromTest>(sending), message<unknown>(detector)]);
    return new Bench(sending, detector);
  }

  say(it: ToTest): void {
    this.sending.postMessage(it);
  }

  async tallies(): Promise<readonly Tally[]> {
    const question = (this.#question += 1);
    const answer = new Promise<readonly Tally[]>((resolve) => {
      const take = ({ data }: MessageEvent<FromTest>): void => {
        if (data.type !== 'counted' || data.question !== question) return;
        this.sending.removeEventListener('message', take);
        resolve(data.tallies);
      };
      this.sending.addEventListener('message', take);
    });
    this.say({ type: 'count', question });
    return answer;
  }

  /** Offer and answer, and the way there. */
  async connect(pc: RTCPeerConnection, options: RTCOfferOptions = {}): Promise<void> {
    pc.onicecandidate = ({ candidate }) => void this.far.addIceCandidate(candidate ?? undefined);
    this.far.onicecandidate = ({ candidate }) => void pc.addIceCandidate(candidate ?? undefined);
    await pc.setLocalDescription(await pc.createOffer(options));
    if (pc.localDescription) await this.far.setRemoteDescription(pc.localDescription);
    await this.far.setLocalDescription();
    if (this.far.localDescription) await pc.setRemoteDescription(this.far.localDescription);
  }

  /** The same for a camera in layers alone. The far side gets each layer as a line of its own: a browser takes no simulcast. */
  async connectLayers(pc: RTCPeerConnection): Promise<readonly string[]> {
    pc.onicecandidate = ({ candidate }) => {
      if (candidate) void this.far.addIceCandidate({ candidate: candidate.candidate, sdpMLineIndex: 0 });
    };
    this.far.onicecandidate = ({ candidate }) => {
      if (candidate) void pc.addIceCandidate({ candidate: candidate.candidate, sdpMLineIndex: 0 });
    };
    const offer = (await pc.createOffer()).sdp ?? '';
    const { sdp, rids } = offerOfLayers(offer);
    await pc.setLocalDescription({ type: 'offer', sdp: offer });
    await this.far.setRemoteDescription({ type: 'offer', sdp });
    await this.far.setLocalDescription();
    const answer = answerToLayers(this.far.localDescription?.sdp ?? '', offer, rids);
    await pc.setRemoteDescription({ type: 'answer', sdp: answer });
    return rids;
  }

  /** Packets that arrived of each layer. */
  async packetsOf(rids: readonly string[]): Promise<number[]> {
    const counts = new Map<string, number>();
    (await this.far.getStats()).forEach((report: RTCInboundRtpStreamStats & { mid?: string }) => {
      if (report.type === 'inbound-rtp') counts.set(report.mid ?? '', report.packetsReceived ?? 0);
    });
    return rids.map((rid) => counts.get(rid) ?? 0);
  }

  /** Prints of all frames that came to be sealed. */
  async prints(): Promise<readonly string[]> {
    const answer = new Promise<readonly string[]>((resolve) => {
      this.sending.addEventListener('message', ({ data }: MessageEvent<FromTest>) => {
        if (data.type === 'prints') resolve(data.prints);
      });
    });
    this.say({ type: 'prints' });
    return answer;
  }

  async seen(): Promise<Seen> {
    this.#detector.postMessage('report');
    return message<Seen>(this.#detector);
  }

  async packets(): Promise<number> {
    return this.#sum((report: RTCInboundRtpStreamStats) => report.packetsReceived ?? 0);
  }

  async outcome(notes: Outcome['notes'] = {}): Promise<Outcome> {
    const { clear, sealed } = await this.seen();
    return {
      clear,
      sealed,
      packets: await this.packets(),
      decoded: await this.#sum((report) => report.framesDecoded ?? 0),
      notes,
    };
  }

  async #sum(of: (report: RTCInboundRtpStreamStats) => number): Promise<number> {
    let sum = 0;
    (await this.far.getStats()).forEach((report: RTCInboundRtpStreamStats) => {
      if (report.type === 'inbound-rtp') sum += of(report);
    });
    return sum;
  }
}

interface Tracks {
  microphone: MediaStreamTrack;
  camera: MediaStreamTrack;
}

async function tracks(): Promise<Tracks> {
  const [[microphone], [camera]] = [
    (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks(),
    (await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } })).getVideoTracks(),
  ];
  if (!microphone || !camera) throw new Error('no devices');
  return { microphone, camera };
}

async function give(senders: readonly Sender[], { microphone, camera }: Tracks): Promise<void> {
  await Promise.all(senders.map(({ sender, kind }) => sender.replaceTrack(kind === 'audio' ? microphone : camera)));
}

/** A connection of the room that sends, and goes on for `lasting` seconds. */
async function flowing(bench: Bench, lasting = 2): Promise<{ pc: RTCPeerConnection; senders: readonly Sender[] }> {
  const { pc, senders } = openConnection(bench.sending, 'member');
  bench.say({ type: 'pass', what: 'marked' });
  await bench.connect(pc);
  await give(senders, await tracks());
  await seconds(lasting);
  return { pc, senders };
}

const cases = {
  /** The control: what the detector sees when there is neither transform nor flag. */
  async 'no transform, no flag'(bench: Bench) {
    const pc = new RTCPeerConnection();
    const { microphone, camera } = await tracks();
    pc.addTrack(microphone);
    const { sender } = pc.addTransceiver(camera, { direction: 'sendonly' });
    pinned(pc, sender);
    await bench.connect(pc);
    await seconds(2);
    return bench.outcome();
  },

  async 'as the room does it'(bench: Bench) {
    await flowing(bench, 3);
    return bench.outcome();
  },

  /** With the cryptography of the product and the keys of a closed part; told by what went in, not by a mark. */
  async 'real keys'(bench: Bench) {
    const { pc, senders } = openConnection(bench.sending, 'member');
    await bench.connect(pc);
    await give(senders, await tracks());
    await seconds(1);
    const before = await bench.packets();
    bench.say({ type: 'pass', what: 'real' });
    await seconds(4);
    const arrived = (await bench.seen()).prints;
    const clear = new Set(await bench.prints());
    const outcome = await bench.outcome({ before, made: clear.size });
    const leaked = arrived.filter((print) => clear.has(print)).length;
    return { ...outcome, clear: leaked, sealed: arrived.length - leaked };
  },

  async 'a transform attached late'(bench: Bench) {
    const pc = newConnection();
    const { microphone, camera } = await tracks();
    const audio = pc.addTransceiver(microphone, { direction: 'sendonly' });
    const video = pc.addTransceiver(camera, { direction: 'sendonly' });
    pinned(pc, video.sender);
    bench.say({ type: 'pass', what: 'marked' });
    await bench.connect(pc);
    await seconds(2);
    const before = await bench.packets();
    audio.sender.transform = new RTCRtpScriptTransform(bench.sending, { way: 'send', id: 901, stream: 0 });
    video.sender.transform = new RTCRtpScriptTransform(bench.sending, { way: 'send', id: 902, stream: 1 });
    await seconds(2);
    return bench.outcome({ before });
  },

  async 'no transform at all'(bench: Bench) {
    const pc = newConnection();
    const { microphone, camera } = await tracks();
    pc.addTransceiver(microphone, { direction: 'sendonly' });
    pinned(pc, pc.addTransceiver(camera, { direction: 'sendonly' }).sender);
    await bench.connect(pc);
    await seconds(3);
    return bench.outcome();
  },

  /** The camera of the room, in all its layers; then all but the smallest off, and on again. */
  async 'layers'(bench: Bench) {
    const pc = newConnection();
    const camera = addSender(pc, bench.sending, 1);
    bench.say({ type: 'pass', what: 'marked' });
    const rids = await bench.connectLayers(pc);
    const constraints = { video: { width: 1280, height: 720 } };
    const [track] = (await navigator.mediaDevices.getUserMedia(constraints)).getVideoTracks();
    await camera.sender.replaceTrack(track ?? null);
    await seconds(10);
    const all = await bench.packetsOf(rids);
    await sendLayers(camera.sender, [true, false, false]);
    await seconds(1);
    const stopped = await bench.packetsOf(rids);
    await seconds(2);
    const small = await bench.packetsOf(rids);
    await sendLayers(camera.sender, [true, true, true]);
    await seconds(4);
    const again = await bench.packetsOf(rids);
    const more = (after: number[], before: number[]): string =>
      after.map((count, layer) => Number(count > (before[layer] ?? 0))).join('');
    return bench.outcome({
      layers: more(all, []),
      small: more(small, stopped),
      again: more(again, small),
      counts: JSON.stringify({ all, stopped, small, again }),
    });
  },

  async 'another track'(bench: Bench) {
    const { senders } = await flowing(bench);
    for (let n = 0; n < 3; n += 1) {
      await Promise.all(senders.map(({ sender }) => sender.replaceTrack(null)));
      await give(senders, await tracks());
      await seconds(0.7);
    }
    return bench.outcome();
  },

  async 'another codec and a new negotiation'(bench: Bench) {
    const { pc, senders } = await flowing(bench);
    const [, camera] = senders;
    const before = await bench.seen();
    const vp9 = (RTCRtpReceiver.getCapabilities('video')?.codecs ?? []).filter(({ mimeType }) => mimeType === 'video/VP9');
    const transceiver = pc.getTransceivers().find(({ sender }) => sender === camera?.sender);
    transceiver?.setCodecPreferences(vp9);
    await bench.connect(pc);
    await seconds(2);
    return bench.outcome({ before: before.sealed, codec: transceiver?.sender.getParameters().codecs[0]?.mimeType ?? '' });
  },

  /** Whether this browser can make pictures of the codec at all: if not, the cases below would show nothing. */
  async 'AV1 without transform'(bench: Bench) {
    return control(bench, 'video/AV1');
  },

  async 'H.264 without transform'(bench: Bench) {
    return control(bench, 'video/H264');
  },

  async 'AV1 in mid-call, watched'(bench: Bench) {
    return turned(bench, 'video/AV1');
  },

  async 'H.264 in mid-call, watched'(bench: Bench) {
    return turned(bench, 'video/H264');
  },

  async 'an ICE restart'(bench: Bench) {
    const { pc } = await flowing(bench);
    const before = await bench.seen();
    await bench.connect(pc, { iceRestart: true });
    await seconds(2);
    return bench.outcome({ before: before.sealed });
  },

  async 'a later transceiver'(bench: Bench) {
    const { pc } = await flowing(bench);
    const before = await bench.seen();
    const later = addSender(pc, bench.sending, 1);
    await bench.connect(pc);
    await give([later], await tracks());
    await seconds(2);
    return bench.outcome({ before: before.sealed });
  },

  async 'another transform in its place'(bench: Bench) {
    const { senders } = await flowing(bench);
    const before = await bench.seen();
    senders.forEach(({ sender }, index) => {
      const stream = index === 0 ? 0 : 1;
      sender.transform = new RTCRtpScriptTransform(bench.sending, { way: 'send', id: 950 + index, stream });
    });
    await seconds(2);
    return bench.outcome({ before: before.sealed });
  },

  async 'the death of the worker'(bench: Bench) {
    await flowing(bench);
    bench.sending.terminate();
    await seconds(0.5);
    const before = await bench.seen();
    await seconds(2);
    const after = await bench.outcome();
    return { ...after, notes: { after: after.sealed - before.sealed } };
  },

  async 'a hold'(bench: Bench) {
    await flowing(bench);
    bench.say({ type: 'pass', what: 'nothing' });
    await bench.tallies();
    await seconds(0.5);
    const held = await bench.seen();
    const passed = total(await bench.tallies(), 'passed');
    await seconds(2);
    const during = (await bench.seen()).sealed - held.sealed;
    const encoded = total(await bench.tallies(), 'seen');
    bench.say({ type: 'pass', what: 'marked' });
    await seconds(1);
    const outcome = await bench.outcome();
    // What was held must not come afterwards: no more than a second's worth, and not three.
    const dropped = encoded - passed;
    const later = outcome.sealed - held.sealed - during;
    return { ...outcome, notes: { during, dropped, later } };
  },

  async 'no key yet'(bench: Bench) {
    const { pc, senders } = openConnection(bench.sending, 'member');
    await bench.connect(pc);
    await give(senders, await tracks());
    await seconds(2);
    const before = await bench.packets();
    const waiting = total(await bench.tallies(), 'seen');
    bench.say({ type: 'pass', what: 'marked' });
    await seconds(1);
    const outcome = await bench.outcome();
    return { ...outcome, notes: { before, waiting, later: outcome.sealed } };
  },

  /** The last line: something leaks all the same, here because there is no flag and no transform. */
  async 'a leak, watched'(bench: Bench) {
    const pc = new RTCPeerConnection();
    const { microphone, camera } = await tracks();
    const audio = pc.addTransceiver(microphone, { direction: 'sendonly' });
    const video = pc.addTransceiver(camera, { direction: 'sendonly' });
    pinned(pc, video.sender);
    pinCodecs(audio, 'audio');
    await bench.connect(pc);
    const watched = async (sender: Sender): Promise<string> =>
      new Promise((resolve) => {
        const stop = watch({
          senders: () => [sender],
          tallies: () => bench.tallies(),
          alarm: (why) => {
            stop();
            resolve(why);
          },
        });
        setTimeout(() => resolve('calm'), 8_000);
      });
    const [sound, picture] = await Promise.all([
      watched({ id: 1, kind: 'audio', sender: audio.sender }),
      watched({ id: 2, kind: 'video', sender: video.sender }),
    ]);
    return bench.outcome({ sound, picture });
  },

  /** And it does not bark at a meeting that is in order, nor in a hold. */
  async 'no leak, watched'(bench: Bench) {
    const { senders } = await flowing(bench, 0.2);
    let alarm = 'calm';
    const stop = watch({ senders: () => senders, tallies: () => bench.tallies(), alarm: (why) => (alarm = why) });
    await seconds(3);
    bench.say({ type: 'pass', what: 'nothing' });
    await seconds(3);
    stop();
    return bench.outcome({ alarm });
  },

  async 'a dead worker, watched'(bench: Bench) {
    const { senders } = await flowing(bench, 0.2);
    bench.sending.terminate();
    const alarm = await new Promise<string>((resolve) => {
      const stop = watch({
        senders: () => senders,
        tallies: () => bench.tallies(),
        alarm: (why) => {
          stop();
          resolve(why);
        },
      });
      setTimeout(() => resolve('calm'), 9_000);
    });
    return bench.outcome({ alarm });
  },
  /** A page that stands still most of the time, as on a machine that is loaded: the worker is in order, and then dies. */
  async 'a busy page, watched'(bench: Bench) {
    const { senders } = await flowing(bench, 0.2);
    const busy = setInterval(() => {
      const until = performance.now() + 2_500;
      while (performance.now() < until);
    }, 100);
    let alarm = 'calm';
    let barked = (): void => undefined;
    const stop = watch({
      senders: () => senders,
      tallies: () => bench.tallies(),
      alarm: (why) => {
        alarm = why;
        barked();
      },
    });
    await seconds(15);
    const working = alarm;
    bench.sending.terminate();
    await Promise.race([new Promise<void>((resolve) => (barked = resolve)), seconds(40)]);
    stop();
    clearInterval(busy);
    return bench.outcome({ working, dead: alarm });
  },
} satisfies Record<string, (bench: Bench) => Promise<Outcome>>;

export type Case = keyof typeof cases;

const codecsOf = (type: string): RTCRtpCodec[] =>
  (RTCRtpReceiver.getCapabilities('video')?.codecs ?? []).filter(({ mimeType }) => mimeType === type);

async function control(bench: Bench, type: string): Promise<Outcome> {
  const pc = new RTCPeerConnection();
  const { camera } = await tracks();
  pc.addTransceiver(camera, { direction: 'sendonly' }).setCodecPreferences(codecsOf(type));
  await bench.connect(pc);
  await seconds(3);
  return bench.outcome();
}

/**
 * A call in order, under real keys and watched as the room watches it, in which something negotiates a codec that does not
 * survive sealing. Told by what went in, not by a mark: such codecs rewrite what was sealed.
 */
async function turned(bench: Bench, type: string): Promise<Outcome> {
  const { pc, senders } = openConnection(bench.sending, 'member');
  bench.say({ type: 'pass', what: 'real' });
  await bench.connect(pc);
  const { microphone, camera } = await tracks();
  await give(senders, { microphone, camera });
  await seconds(3);
  const calm = await bench.packets();
  const alarm = new Promise<string>((resolve) => {
    const stop = watch({
      senders: () => senders,
      tallies: () => bench.tallies(),
      alarm: (why) => {
        stop();
        microphone.stop();
        camera.stop();
        pc.close();
        resolve(why);
      },
    });
    setTimeout(() => resolve('calm'), 8_000);
  });
  const transceiver = pc.getTransceivers().find(({ sender }) => sender === senders[1]?.sender);
  transceiver?.setCodecPreferences(codecsOf(type));
  await bench.connect(pc);
  const codec = transceiver?.sender.getParameters().codecs[0]?.mimeType ?? '';
  const said = await alarm;
  await seconds(0.5);
  const stopped = await bench.packets();
  await seconds(2);
  const after = (await bench.packets()) - stopped;
  const arrived = (await bench.seen()).prints;
  const clear = new Set(await bench.prints());
  const leaked = arrived.filter((print) => clear.has(print)).length;
  const outcome = await bench.outcome({ calm, codec, alarm: said, after, made: clear.size });
  return { ...outcome, clear: leaked, sealed: arrived.length - leaked };
}

const total = (tallies: readonly Tally[], of: 'seen' | 'passed'): number =>
  tallies.reduce((sum, tally) => sum + tally[of], 0);

/** VP8, as the room. */
function pinned(pc: RTCPeerConnection, sender: RTCRtpSender): void {
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
  pc.getTransceivers()
    .find((it) => it.sender === sender)
    ?.setCodecPreferences(codecs.filter(({ mimeType }) => isWanted(mimeType, 'video')));
}

declare global {
  interface Window {
    failOpen(name: Case): Promise<Outcome>;
  }
}

window.failOpen = async (name) => cases[name](await Bench.make());
