/**
 * What is wrong with the sound of whoever speaks, by its samples: it may come whole and be hard to work with all the same.
 * Whether it comes whole, `quality.ts` says. Nothing is judged but speech, which is told from a hum and from a room by
 * its pauses. Pure.
 */

import { powerAbove } from './spectrum';

export type Flaw = 'distorted' | 'quiet' | 'narrow';

/** `silent`: nobody speaks; `sound`: what comes is no speech, or too little of it to be judged. */
export type Heard = 'silent' | 'sound' | 'fine' | Flaw;

/** Some 20 ms of sound, as long as a part of a syllable. */
interface Frame {
  /** In decibels of full scale. */
  level: number;
  power: number;
  /** What of the power is above a telephone's. */
  high: number;
  /** How many of a thousand samples are cut off. */
  cut: number;
}

export interface Hearing {
  /** The last seconds, the newest last. */
  recent: readonly Frame[];
  /** The last seconds of speech, without its pauses: what is found wrong stays until there is other speech. */
  spoken: readonly Frame[];
}

export const nothingHeard: Hearing = { recent: [], spoken: [] };

/** A power of two, as the spectrum wants it. */
const FRAME_SAMPLES = 1_024;

const RECENT_S = 5;
/** Two speakers who take turns are judged one after the other. */
const SPOKEN_S = 4;
/** In two seconds of speech there are all of its sounds: an s as well, which alone shows what is above a telephone. */
const SPOKEN_S_MIN = 2;

/** What is softer than this is heard by nobody: the room's own sound, if any. */
const AUDIBLE_DB = -60;
/** Speech is soft between its syllables and loud in them; a hum, a fan or a tone is not. */
const PAUSES_DB = 10;
/** ITU-T P.56 takes for speech what is less than about 16 dB below its level. The loudest is some 4 dB above that. */
const SPEECH_DB = 20;

/** Speech is usual at -20 dB of full scale. So far below it even the whole of the volume leaves too little. */
const QUIET_DB = -40;

/** A telephone ends at 3.4 kHz; EN 301 549 §6.1 wants 7 kHz, ISO 20109 and 24019 want 15. */
export const NARROW_HZ = 5_000;
/**
 * Of a sharp sound such as an s most is above that, and it is some 10 to 20 dB below the speech as a whole. What Opus makes
 * up there for a sound that ends at 4 kHz was at most 53 dB below it, when that was measured in Chromium.
 */
const NARROW_DB = -45;
/** One frame in so many is such a sound, even in a language that has few. */
const SHARP_ONE_IN = 40;

/** As loud as can be, but for what coding adds to it or takes away. */
const FULL = 0.97;
/**
 * Of a thousand samples of speech. A loud voice touches the end of the scale with a sample now and then; overdriven by 6 dB,
 * behind Opus, there are 30.
 */
const CUT_MAX = 10;

const decibels = (power: number): number => 10 * Math.log10(power + 1e-12);
const mean = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / Math.max(1, values.length);

/** What so large a share of all is below. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function frameOf(samples: Float32Array, rate: number): Frame {
  let [energy, cut] = [0, 0];
  for (const sample of samples) {
    energy += sample * sample;
    if (Math.abs(sample) >= FULL) cut += 1;
  }
  const power = energy / samples.length;
  const level = decibels(power);
  // What nobody hears is no speech, and need not be looked at.
  const high = level < AUDIBLE_DB ? 0 : powerAbove(samples, rate, NARROW_HZ);
  return { level, power, high, cut: (1_000 * cut) / samples.length };
}

/** How loud the loudest and the softest of it are, but for a few. */
const rangeOf = (recent: readonly Frame[]): { loud: number; soft: number } => {
  const levels = recent.map(({ level }) => level);
  return { loud: quantile(levels, 0.95), soft: quantile(levels, 0.1) };
};

const isSpeech = ({ loud, soft }: { loud: number; soft: number }): boolean => loud >= AUDIBLE_DB && loud - soft >= PAUSES_DB;

/** With what has come since. */
export function hear({ recent, spoken }: Hearing, samples: Float32Array, rate: number): Hearing {
  const fresh: Frame[] = [];
  for (let from = 0; from + FRAME_SAMPLES <= samples.length; from += FRAME_SAMPLES) {
    fresh.push(frameOf(samples.subarray(from, from + FRAME_SAMPLES), rate));
  }
  const last = (seconds: number): number => -Math.ceil((seconds * rate) / FRAME_SAMPLES);
  const now = [...recent, ...fresh].slice(last(RECENT_S));
  const range = rangeOf(now);
  const speech = isSpeech(range) ? fresh.filter(({ level }) => level >= Math.max(AUDIBLE_DB, range.loud - SPEECH_DB)) : [];
  return { recent: now, spoken: [...spoken, ...speech].slice(last(SPOKEN_S)) };
}

/** The worst that is true. */
export function heardOf({ recent, spoken }: Hearing, rate: number): Heard {
  const range = rangeOf(recent);
  if (recent.length === 0 || range.loud < AUDIBLE_DB) return 'silent';
  // A sound without pauses and so soft is that of a room in which nobody speaks.
  if (!isSpeech(range)) return range.loud < QUIET_DB ? 'silent' : 'sound';
  if (spoken.length * FRAME_SAMPLES < SPOKEN_S_MIN * rate) return 'sound';
  if (mean(spoken.map(({ cut }) => cut)) > CUT_MAX) return 'distorted';
  const power = mean(spoken.map((it) => it.power));
  if (decibels(power) < QUIET_DB) return 'quiet';
  const sharp = quantile(spoken.map(({ high }) => high), 1 - 1 / SHARP_ONE_IN);
  // What a loudspeaker that ends there itself lets through says nothing.
  return rate > 3 * NARROW_HZ && sharp < power * 10 ** (NARROW_DB / 10) ? 'narrow' : 'fine';
}
