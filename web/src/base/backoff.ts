/** How long to wait before the next attempt at something that must succeed in the end. */

/** The first wait. A server that restarts is back within a second or two. */
const FIRST_MS = 250;
/** The longest wait: a person who looks at "cannot be reached" should not have to reload. */
const LONGEST_MS = 8_000;

/**
 * Doubles with each attempt; between half and the whole of it, so that a hall full of clients does not come back in
 * the same instant. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(whole * (0.5 + random / 2));
}

/** Why a server is away, as far as a person is told. */
export type Away =
  | 'lost'
  /** It has said that it restarts. */
  | 'restart';

/** After a server said that it restarts: it is away for a second or two, and comes back to a hall full of clients. */
export const restartMs = (random: number): number => Math.round(500 + 1_500 * random);

/** Attempts after the word of a restart for which it is still believed: ten seconds or so. */
const RESTART_ATTEMPTS_MAX = 6;

/** How a socket went, or could not be made. */
export interface Drop {
  /** RFC 6455 §7.4.1. */
  code: number;
  /** Attempts since the server last spoke. */
  attempt: number;
}

export function awayAfter(before: Away | null, { code, attempt }: Drop): Away {
  if (code === 1_001) return 'restart';
  return before === 'restart' && attempt <= RESTART_ATTEMPTS_MAX ? 'restart' : 'lost';
}
