import { describe, expect, it } from 'vitest';
import { hear, type Heard, heardOf, nothingHeard } from './speech';
import { powerAbove } from './spectrum';

const RATE = 48_000;
const SECONDS = 8;
/** As much as is read at once. */
const READ = 16_384;

/** A second, again and again. */
type Sound = Float32Array;

const amplitude = (db: number): number => 10 ** (db / 20);
const sound = (of: (second: number, n: number) => number): Sound => Float32Array.from({ length: RATE }, (_, n) => of(n / RATE, n));
const tone = (hertz: number): Sound => sound((s) => Math.sin(2 * Math.PI * hertz * s));

const noises = new Map<number, Sound>();

/** Noise up to a frequency, the same every time: many sines that have nothing to do with each other. */
function noise(below_hz: number): Sound {
  const made = noises.get(below_hz) ?? noiseBelow(below_hz);
  noises.set(below_hz, made);
  return made;
}

function noiseBelow(below_hz: number): Sound {
  const tones = Array.from({ length: 100 }, (_, k) => ({
    hertz: Math.round(100 + ((k + 0.5) * (below_hz - 100)) / 100),
    phase: (k * k * 2.399963) % (2 * Math.PI),
  }));
  return sound((s) => tones.reduce((sum, { hertz, phase }) => sum + Math.sin(2 * Math.PI * hertz * s + phase), 0) / 7);
}

/** Four syllables, one louder than the other, with pauses between: a voice with its overtones, and a sharp sound at the end. */
function speech(below_hz: number, db = -20): Sound {
  const hiss = noise(below_hz);
  const swell = (at: number, from: number, to: number): number =>
    at < from || at > to ? 0 : Math.sin((Math.PI * (at - from)) / (to - from)) ** 2;
  return sound((s, n) => {
    const [syllable, at] = [Math.floor(4 * s), (4 * s) % 1];
    const voice = [1, 2, 3, 4, 6, 9].reduce((sum, it) => sum + Math.sin(2 * Math.PI * 140 * it * s) / it, 0);
    const sounds = voice * swell(at, 0, 0.5) + 0.15 * (hiss[n] ?? 0) * swell(at, 0.45, 0.75);
    return 1.5 * amplitude(db) * ([1, 0.6, 0.8, 0.5][syllable] ?? 0) * sounds;
  });
}

const louder = (its: Sound, db: number): Sound => its.map((sample) => amplitude(db) * sample);
const clipped = (its: Sound): Sound => its.map((sample) => Math.max(-1, Math.min(1, sample)));
const and = (one: Sound, other: Sound): Sound => one.map((sample, n) => sample + (other[n] ?? 0));
const nothing = sound(() => 0);

function judged(its: Sound, seconds = SECONDS, before = nothingHeard, rate = RATE): { heard: Heard; hearing: typeof before } {
  let hearing = before;
  for (let from = 0; from < seconds * RATE; from += READ) {
    hearing = hear(hearing, Float32Array.from({ length: READ }, (_, n) => its[(from + n) % RATE] ?? 0), rate);
  }
  return { heard: heardOf(hearing, rate), hearing };
}
const heard = (its: Sound): Heard => judged(its).heard;

describe('the sound of whoever speaks', () => {
  it('is fine when it is as loud and as wide as it should be', () => {
    expect(heard(speech(15_000))).toBe('fine');
    expect(heard(speech(15_000, -30))).toBe('fine');
    // As a headset without a wire has it.
    expect(heard(speech(7_000))).toBe('fine');
  });

  it('is narrow as by telephone when nothing of it is high, however loud', () => {
    expect(heard(speech(3_400))).toBe('narrow');
    expect(heard(speech(4_000, -32))).toBe('narrow');
    // With what coding makes up above it; and what is dull, but there, is not narrow.
    expect(heard(and(speech(3_400), louder(noise(15_000), -73)))).toBe('narrow');
    expect(heard(and(speech(3_400), louder(noise(15_000), -55)))).toBe('fine');
  });

  it('is quiet when it is far below what is usual', () => {
    expect(heard(speech(15_000, -48))).toBe('quiet');
    expect(heard(speech(4_000, -48))).toBe('quiet');
  });

  it('is distorted when it is cut off, and not because it is loud', () => {
    const peak = Math.max(...speech(15_000));
    expect(heard(clipped(louder(speech(15_000), 6 - 20 * Math.log10(peak))))).toBe('distorted');
    expect(heard(louder(speech(15_000), -20 * Math.log10(peak)))).toBe('fine');
  });

  it('is judged over the noise of a room as well', () => {
    const room = louder(noise(15_000), -50);
    expect(heard(and(speech(15_000), room))).toBe('fine');
    expect(heard(room)).toBe('silent');
  });

  it('is not there while nobody speaks', () => {
    expect(heardOf(nothingHeard, RATE)).toBe('silent');
    expect(heard(nothing)).toBe('silent');
    expect(heard(louder(noise(15_000), -65))).toBe('silent');
  });

  it('is not judged where it is no speech, or too little', () => {
    expect(heard(louder(tone(1_000), -13))).toBe('sound');
    expect(heard(louder(noise(15_000), -25))).toBe('sound');
    expect(judged(speech(3_400), 1).heard).toBe('sound');
  });

  it('stays as it was found in a pause, until somebody else speaks', () => {
    const { hearing } = judged(speech(3_400));
    const pause = judged(nothing, 2, hearing);
    expect(pause.heard).toBe('narrow');
    expect(judged(nothing, 4, pause.hearing).heard).toBe('silent');
    expect(judged(speech(15_000), 2, pause.hearing).heard).toBe('fine');
  });

  it('is not called narrow by a loudspeaker that is', () => {
    expect(judged(speech(3_400), SECONDS, nothingHeard, 8_000).heard).not.toBe('narrow');
  });
});

describe('the spectrum', () => {
  const power = (its: Sound): number => powerAbove(its.slice(0, 1_024), RATE, 5_000);

  it('tells what is above from what is below', () => {
    expect(power(tone(8_000))).toBeCloseTo(0.5, 2);
    expect(power(tone(20_000))).toBeCloseTo(0.5, 2);
    expect(power(tone(4_000))).toBeLessThan(1e-7);
    expect(power(tone(500))).toBeLessThan(1e-9);
  });
});
