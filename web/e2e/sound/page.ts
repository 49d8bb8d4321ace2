/** What the product makes of sounds, worked out by the browser's own Web Audio. */

import { Ear, type Knobs } from '../../src/booth/ear';
import { levelsOf, type Says } from '../../src/media/channels';
import type { Slot } from '../../src/media/connection';
import { Mix } from '../../src/media/mix';

const RATE = 48_000;

export interface Heard {
  /** The loudest sample, of full scale. */
  peak: number;
  /** The loudest of the second half, when everything has settled. */
  settled: number;
}

/** A second of a sine, or one crack of a single sample. */
async function heard(sound: { hertz: number; amplitude: number } | 'crack', knobs: Knobs): Promise<Heard> {
  const context = new OfflineAudioContext(1, RATE, RATE);
  const ear = new Ear();
  const { input, output } = ear.tail(context);
  ear.turn(knobs);
  const samples = new Float32Array(RATE);
  if (sound === 'crack') samples[RATE / 2] = 4;
  else samples.forEach((_, n) => (samples[n] = sound.amplitude * Math.sin((2 * Math.PI * sound.hertz * n) / RATE)));
  const buffer = new AudioBuffer({ length: RATE, sampleRate: RATE });
  buffer.copyToChannel(samples, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(input);
  output.connect(context.destination);
  source.start();
  const out = (await context.startRendering()).getChannelData(0);
  const peakOf = (part: Float32Array): number => part.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
  return { peak: peakOf(out), settled: peakOf(out.subarray(RATE / 2)) };
}

/** Two tones over a connection of the page with itself, as the floor and a channel: where it goes is not the product's. */
async function connected(tones: readonly number[]): Promise<Slot[]> {
  const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
  near.addEventListener('icecandidate', ({ candidate }) => void far.addIceCandidate(candidate ?? undefined));
  far.addEventListener('icecandidate', ({ candidate }) => void near.addIceCandidate(candidate ?? undefined));
  const context = new AudioContext();
  for (const frequency of tones) {
    const to = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(new GainNode(context, { gain: 0.3 })).connect(to);
    tone.start();
    for (const track of to.stream.getAudioTracks()) near.addTrack(track);
  }
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription ?? { type: 'offer' });
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription ?? { type: 'answer' });
  return far.getReceivers().map(
    (receiver, id): Slot => ({
      id,
      kind: 'audio',
      track: receiver.track,
      mid: () => null,
      level: () => 0,
      stats: () => receiver.getStats(),
    }),
  );
}

let mix: Mix | undefined;
let before: Says | null = null;

async function mixes(tones: readonly number[]): Promise<void> {
  mix = new Mix(() => undefined);
  mix.slots(await connected(tones));
}

/** As `Interpreted` does it: the last slot has the channel, if one is chosen. */
function says(now: Says, beneath: number): void {
  mix?.route(now === 'floor' ? undefined : 1, new Set());
  mix?.level(levelsOf(before, now, beneath));
  before = now;
}

declare global {
  interface Window {
    heard: typeof heard;
    mixes: typeof mixes;
    says: typeof says;
  }
}
window.heard = heard;
window.mixes = mixes;
window.says = says;
