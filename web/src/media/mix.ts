/**
 * What somebody hears where a meeting is interpreted: each slot of sound has a gain of its own, which only ever ramps.
 *
 * It is Web Audio and not the volume of elements, because iOS takes no notice of the latter. Chromium lets the sound of a
 * connection into Web Audio only while an element plays it too; that element is muted.
 */

import type { Slot } from './connection';
import { whenItMayCome } from './again';
import { type Levels, SWITCH_S } from './channels';
import type { Directed } from './level';

/** What stands between the slots and the loudspeaker, if anything does. */
export interface Tail {
  input: AudioNode;
  output: AudioNode;
}

interface Voice {
  element: HTMLAudioElement;
  source: MediaStreamAudioSourceNode;
  toFloor: GainNode;
  toChannel: GainNode;
  /** As loud as it comes, whatever is chosen. */
  toEar: GainNode;
}

export class Mix {
  readonly #context: Directed;
  readonly #floor: GainNode;
  readonly #channel: GainNode;
  readonly #ear: AudioNode;
  readonly #voices = new Map<Slot, Voice>();
  readonly #blocked: (is: boolean) => void;
  readonly #stop: () => void;
  #overdue: ReturnType<typeof setTimeout> | undefined;

  /** `blocked`: whether the browser wants a click first, in which `resume` is to be called. */
  constructor(blocked: (is: boolean) => void, tail?: (context: BaseAudioContext) => Tail) {
    this.#context = new AudioContext({ latencyHint: 'interactive' });
    this.#blocked = blocked;
    const { input, output } = tail?.(this.#context) ?? straight(this.#context);
    output.connect(this.#context.destination);
    this.#ear = input;
    // Also later: a telephone call takes the sound away, and not every browser gives it back.
    this.#context.addEventListener('statechange', this.#changed);
    this.#stop = whenItMayCome(this.#again, true);
    this.#floor = new GainNode(this.#context);
    this.#channel = new GainNode(this.#context, { gain: 0 });
    this.#floor.connect(input);
    this.#channel.connect(input);
    this.resume();
  }

  /** The slots of a connection take the place of those of the one before. */
  slots(slots: readonly Slot[]): void {
    const sounds = slots.filter(({ kind }) => kind === 'audio');
    for (const [slot, voice] of this.#voices) {
      if (sounds.includes(slot)) continue;
      this.#voices.delete(slot);
      for (const node of [voice.source, voice.toFloor, voice.toChannel, voice.toEar]) node.disconnect();
      voice.element.srcObject = null;
    }
    for (const slot of sounds) if (!this.#voices.has(slot)) this.#voices.set(slot, this.#voiceOf(slot.track));
  }

  /** Which slot is the channel's, if any, and which bring what is said to this person's delegation alone; the others are the floor's. */
  route(channel: number | undefined, aside: ReadonlySet<number>): void {
    for (const [{ id }, { toFloor, toChannel, toEar }] of this.#voices) {
      ramp(toEar.gain, aside.has(id) ? 1 : 0, SWITCH_S, this.#context.currentTime);
      ramp(toFloor.gain, id === channel || aside.has(id) ? 0 : 1, SWITCH_S, this.#context.currentTime);
      ramp(toChannel.gain, id === channel ? 1 : 0, SWITCH_S, this.#context.currentTime);
    }
  }

  /** How loud both are from now on. */
  level({ floor, channel, floor_s }: Levels): void {
    ramp(this.#floor.gain, floor, floor_s, this.#context.currentTime);
    ramp(this.#channel.gain, channel, SWITCH_S, this.#context.currentTime);
  }

  direct(loudspeaker: string): void {
    this.#context.setSinkId?.(loudspeaker).catch(() => undefined);
  }

  /** To be called from a click, if the browser wants one. */
  resume(): void {
    clearTimeout(this.#overdue);
    this.#overdue = setTimeout(this.#look, BLOCKED_MS);
    this.#context.resume().catch(() => undefined);
  }

  readonly #again = (): void => {
    for (const { element } of this.#voices.values()) if (element.paused) element.play().catch(() => undefined);
    if (this.#context.state !== 'running' && this.#context.state !== 'closed') this.resume();
  };

  /** It is asked for again at once; whoever took it away may be gone. */
  readonly #changed = (): void => {
    this.#look();
    this.#again();
  };

  readonly #look = (): void => {
    if (this.#context.state !== 'closed') this.#blocked(this.#context.state !== 'running');
  };

  close(): void {
    clearTimeout(this.#overdue);
    this.#stop();
    this.slots([]);
    void this.#context.close();
  }

  #voiceOf(track: MediaStreamTrack): Voice {
    const stream = new MediaStream([track]);
    const element = new Audio();
    element.muted = true;
    element.srcObject = stream;
    element.play().catch(() => undefined);
    const source = this.#context.createMediaStreamSource(stream);
    const [toFloor, toChannel] = [new GainNode(this.#context, { gain: 0 }), new GainNode(this.#context, { gain: 0 })];
    source.connect(toFloor).connect(this.#floor);
    source.connect(toChannel).connect(this.#channel);
    const toEar = new GainNode(this.#context, { gain: 0 });
    source.connect(toEar).connect(this.#ear);
    return { element, source, toFloor, toChannel, toEar };
  }
}

/** A context that has not begun after this long waits for a click: it does not say so. */
const BLOCKED_MS = 700;

function straight(context: BaseAudioContext): Tail {
  const node = new GainNode(context);
  return { input: node, output: node };
}

/** Where each is on its way to: a ramp that is under way and goes there already is left to take its time. */
const bound = new WeakMap<AudioParam, number>();

function ramp(parameter: AudioParam, to: number, ramp_s: number, now: number): void {
  if (bound.get(parameter) === to) return;
  bound.set(parameter, to);
  parameter.cancelScheduledValues(now);
  // From wherever it is: after three time constants it is there but for a twentieth.
  parameter.setTargetAtTime(to, now, ramp_s / 3);
}
