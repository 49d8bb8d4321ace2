/**
 * What stands between the meeting and an interpreter's ears: tone, volume, and a limiter against acoustic shock.
 *
 * The limiter holds what is louder than -12 dB of full scale, at 20 to 1, within 1 ms; behind it nothing passes -6 dB, not
 * even the crack that is over before a limiter acts. Speech at its usual level, about -20 dB, passes untouched. How loud
 * that is at the ear only the interpreter's own headset decides: a page cannot know it.
 */

import type { Tail } from '../media/mix';

/** In decibels; at the most so much more or less of bass and treble. */
export const TONE_DB_MAX = 12;
const BASS_HZ = 250;
const TREBLE_HZ = 4_000;

export const LIMIT_DB = -12;
export const LIMIT_RATIO = 20;
export const CEILING_DB = -6;

const METER_SAMPLES = 1_024;

/** A third of a second, and a power of two. */
const CAME_SAMPLES = 16_384;
/** How long it takes until they are others, in milliseconds. */
export const CAME_MS = 340;

/** Time constant of a turn of a knob. */
const KNOB_S = 0.03;

export interface Knobs {
  /** From 0 to 1. */
  volume: number;
  /** In decibels. */
  bass: number;
  treble: number;
}

export const gainOf = (decibels: number): number => 10 ** (decibels / 20);

/**
 * A compressor of Web Audio makes everything louder by what it takes from the loudest, to the power of 0.6 (Web Audio API
 * §1.19.4, "computing the makeup gain"). That is taken back.
 */
export const makeupOf = (limit_db: number, ratio: number): number => gainOf(-limit_db * (1 - 1 / ratio)) ** 0.6;

/** Straight up to the ceiling, and level from there on. */
export function ceilingCurve(ceiling: number): Float32Array<ArrayBuffer> {
  const points = 2_049;
  return Float32Array.from({ length: points }, (_, point) => {
    const sample = (2 * point) / (points - 1) - 1;
    return Math.max(-ceiling, Math.min(ceiling, sample));
  });
}

export class Ear {
  #came: AnalyserNode | undefined;
  readonly #latest = new Float32Array(CAME_SAMPLES);
  #bass: BiquadFilterNode | undefined;
  #treble: BiquadFilterNode | undefined;
  #volume: GainNode | undefined;
  #meter: AnalyserNode | undefined;
  readonly #samples = new Float32Array(METER_SAMPLES);

  /** Makes the way, in the context of a `Mix`. */
  readonly tail = (context: BaseAudioContext): Tail => {
    const came = new AnalyserNode(context, { fftSize: CAME_SAMPLES });
    const bass = new BiquadFilterNode(context, { type: 'lowshelf', frequency: BASS_HZ });
    const treble = new BiquadFilterNode(context, { type: 'highshelf', frequency: TREBLE_HZ });
    const volume = new GainNode(context);
    const limiter = new DynamicsCompressorNode(context, {
      threshold: LIMIT_DB,
      ratio: LIMIT_RATIO,
      knee: 0,
      attack: 0.001,
      release: 0.1,
    });
    const makeup = new GainNode(context, { gain: 1 / makeupOf(LIMIT_DB, LIMIT_RATIO) });
    const ceiling = new WaveShaperNode(context, { curve: ceilingCurve(gainOf(CEILING_DB)) });
    const meter = new AnalyserNode(context, { fftSize: METER_SAMPLES });
    came.connect(bass).connect(treble).connect(volume).connect(limiter).connect(makeup).connect(ceiling).connect(meter);
    this.#came = came;
    this.#bass = bass;
    this.#treble = treble;
    this.#volume = volume;
    this.#meter = meter;
    return { input: came, output: meter };
  };

  turn({ volume, bass, treble }: Knobs): void {
    glide(this.#volume?.gain, volume);
    glide(this.#bass?.gain, bass);
    glide(this.#treble?.gain, treble);
  }

  /** The last that came from the meeting, before anything is done to it; nothing, where the browser plays none yet. */
  came(): { samples: Float32Array; rate: number } | undefined {
    if (this.#came?.context.state !== 'running') return undefined;
    this.#came.getFloatTimeDomainData(this.#latest);
    return { samples: this.#latest, rate: this.#came.context.sampleRate };
  }

  /** What comes to the ears just now; the same array every time. */
  samples(): Float32Array<ArrayBuffer> {
    this.#meter?.getFloatTimeDomainData(this.#samples);
    return this.#samples;
  }
}

function glide(parameter: AudioParam | undefined, to: number): void {
  // The context's own time: what is scheduled for a time that has passed begins at once.
  parameter?.setTargetAtTime(to, 0, KNOB_S);
}
