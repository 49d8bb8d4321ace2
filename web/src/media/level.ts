/** How loud a microphone is, for the meter: 0 to 1, on a scale of decibels as people hear. */

import { keepRunning } from './again';

/** Below this there is only the room; above nothing more to see. */
const FLOOR_DB = -60;

export function loudness(samples: Float32Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  const db = 10 * Math.log10(energy / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

/** Calls back on every frame of the screen until the result is called. */
export function listen(track: MediaStreamTrack, heard: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const stop = measure(() => {
    analyser.getFloatTimeDomainData(samples);
    return samples;
  }, heard);
  const rest = keepRunning(context);
  return () => {
    stop();
    rest();
    void context.close();
  };
}

/** The same of samples that come from elsewhere. */
export function measure(samples: () => Float32Array, heard: (level: number) => void): () => void {
  let frame = 0;
  const again = (): void => {
    heard(loudness(samples()));
    frame = requestAnimationFrame(again);
  };
  again();
  return () => cancelAnimationFrame(frame);
}

/** Not in every browser; the sound then goes where all sound goes. */
export interface Directed extends AudioContext {
  setSinkId?: (device: string) => Promise<void>;
}

/** A soft tone of a second from this loudspeaker, to hear which one it is. */
export async function playTone(loudspeaker: string): Promise<void> {
  const context: Directed = new AudioContext();
  await context.setSinkId?.(loudspeaker).catch(() => undefined);
  const tone = new OscillatorNode(context, { frequency: 523.25 });
  const gain = new GainNode(context, { gain: 0 });
  const start = context.currentTime;
  gain.gain.linearRampToValueAtTime(0.2, start + 0.05);
  gain.gain.setValueAtTime(0.2, start + 0.7);
  gain.gain.linearRampToValueAtTime(0, start + 1);
  tone.connect(gain).connect(context.destination);
  tone.addEventListener('ended', () => void context.close());
  tone.start();
  tone.stop(start + 1);
}
