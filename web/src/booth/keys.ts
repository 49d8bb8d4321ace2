/** The keys of an interpreter's desk. Pure. */

import { type Key, signOf } from '../base/keys';

export type Deed =
  | { do: 'air' | 'hand-over' | 'take' | 'slower' | 'help' | 'note' | 'read' }
  | { do: 'louder' | 'softer' | 'bass-up' | 'bass-down' | 'treble-up' | 'treble-down' }
  /** 0: the floor; from 1 on the languages of the charter. */
  | { do: 'ready'; source: number }
  /** 0: no booth; from 1 on the languages of the charter. */
  | { do: 'sit'; booth: number };

/** As they stand on the controls. */
export const KEYS = {
  air: 'A',
  cough: 'C',
  handOver: 'O',
  take: 'X',
  slower: 'S',
  help: 'L',
  note: 'N',
  read: 'R',
  softer: '−',
  louder: '+',
  bass: 'B',
  treble: 'T',
} as const;

export function deedOf(event: Key & { shiftKey: boolean }): Deed | undefined {
  // By their place: on some keyboards they are written with Shift.
  const [, digit] = /^(?:Digit|Numpad)(\d)$/.exec(event.code) ?? [];
  if (digit !== undefined) {
    return event.shiftKey ? { do: 'sit', booth: Number(digit) } : { do: 'ready', source: Number(digit) };
  }
  const sign = signOf(event);
  switch (sign) {
    case KEYS.air:
      return { do: 'air' };
    case KEYS.handOver:
      return { do: 'hand-over' };
    case KEYS.take:
      return { do: 'take' };
    case KEYS.slower:
      return { do: 'slower' };
    case KEYS.help:
      return { do: 'help' };
    case KEYS.note:
      return { do: 'note' };
    case KEYS.read:
      return { do: 'read' };
    case '+':
    case '=':
      return { do: 'louder' };
    case '-':
      return { do: 'softer' };
    case KEYS.bass:
      return { do: event.shiftKey ? 'bass-down' : 'bass-up' };
    case KEYS.treble:
      return { do: event.shiftKey ? 'treble-down' : 'treble-up' };
    default:
      return undefined;
  }
}

/** The microphone is silent as long as this is held. */
export const isCough = (event: Key): boolean => signOf(event) === KEYS.cough;
