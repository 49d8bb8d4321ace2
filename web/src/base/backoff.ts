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
