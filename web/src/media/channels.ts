/**
 * Who is heard, and how loud, where a meeting is interpreted. Pure.
 *
 * The channel that somebody has chosen comes in the last slot of sound. Whether what comes there is its interpreter's the
 * worker judges frame by frame, by what interpreters have said under seal (`openChannel`): what is not, never gets here.
 */

import type { Leaf } from '../protocol/Leaf';
import type { Occupant } from '../worker/pump';

/** The number of a language in the charter, or the floor. */
export type Choice = number | null;

/** How loud the floor stays beneath a channel, unless somebody says otherwise. */
export const BENEATH = 0.2;

/** A choice takes so long to be heard: no click, and no wait. */
export const SWITCH_S = 0.15;
/** A floor that comes up by itself takes its time: nobody is to be startled. */
export const RISE_S = 1;
/** What was just chosen, or has just changed hands, may take so long to come before it is said that it does not. */
export const COMING_MS = 2_000;

/** What is chosen, who is on the air in it, and since when both are so. */
export interface Tuned {
  choice: Choice;
  voice: Leaf | null;
  since_ms: number;
}

export const untuned: Tuned = { choice: null, voice: null, since_ms: 0 };

export function tune(before: Tuned, choice: Choice, voice: Leaf | null, now_ms: number): Tuned {
  const same = before.choice === choice && before.voice === voice;
  return same ? before : { choice, voice, since_ms: now_ms };
}

/** What is to be said of what is heard. */
export type Says =
  /** The floor is chosen. */
  | 'floor'
  | 'channel'
  /** Nobody is on the air in it. */
  | 'nobody'
  /** Somebody is, and nothing comes from them. */
  | 'missing'
  /** Somebody is; what comes is somebody else's, and is not played. */
  | 'stranger';

export function saysOf(
  { choice, voice, since_ms }: Tuned,
  occupants: Readonly<Record<number, Occupant>>,
  last: number | undefined,
  now_ms: number,
): Says {
  if (choice === null) return 'floor';
  if (voice === null) return 'nobody';
  const occupant = last === undefined ? undefined : occupants[last];
  if (occupant && occupant.leaf === voice) return 'channel';
  if (now_ms - since_ms < COMING_MS) return 'channel';
  return occupant?.refused ? 'stranger' : 'missing';
}

/** How loud floor and channel are to become, and how fast the floor. */
export interface Levels {
  floor: number;
  channel: number;
  floor_s: number;
}

/** `before`: what was heard until now. `beneath`: how loud the floor is under a channel, from 0 to 1. */
export function levelsOf(before: Says | null, says: Says, beneath: number): Levels {
  if (says === 'channel') return { floor: beneath, channel: 1, floor_s: SWITCH_S };
  // Whoever has chosen the floor waits for it.
  return { floor: 1, channel: 0, floor_s: before === 'channel' && says !== 'floor' ? RISE_S : SWITCH_S };
}

/** What a person has chosen in a meeting, as it is remembered: by language, for numbers say nothing. */
export interface Remembered {
  language: string | null;
  beneath: number;
}

export function readRemembered(json: string | null): Remembered {
  const nothing = { language: null, beneath: BENEATH };
  try {
    const read: unknown = JSON.parse(json ?? 'null');
    if (typeof read !== 'object' || read === null) return nothing;
    const language = 'language' in read && typeof read.language === 'string' ? read.language : null;
    const beneath = 'beneath' in read && typeof read.beneath === 'number' ? read.beneath : BENEATH;
    return { language, beneath: beneath >= 0 && beneath <= 1 ? beneath : BENEATH };
  } catch {
    return nothing;
  }
}
