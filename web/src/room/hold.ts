/**
 * A confirmation that a stray key cannot give: a click of a pointer, or a key held down. Pure; time is an argument.
 *
 * A click that follows no key press and no pointer comes from assistive technology, and counts.
 */

/** Long enough to be meant. */
export const HOLD_MS = 1_000;
/** Nobody has read a dialog before this: whoever clicks sooner meant something that was there before it. */
export const SETTLE_MS = 700;

export interface Hold {
  shown_ms: number;
  /** When the key went down. */
  since_ms: number | null;
}

export const shownAt = (now_ms: number): Hold => ({ shown_ms: now_ms, since_ms: null });

const settled = (hold: Hold, now_ms: number): boolean => now_ms - hold.shown_ms >= SETTLE_MS;

/** The key goes down, or repeats. */
export const press = (hold: Hold, now_ms: number): Hold =>
  hold.since_ms !== null || !settled(hold, now_ms) ? hold : { ...hold, since_ms: now_ms };

export const release = (hold: Hold): Hold => ({ ...hold, since_ms: null });

export const isHeld = (hold: Hold, now_ms: number): boolean =>
  hold.since_ms !== null && now_ms - hold.since_ms >= HOLD_MS;

/** A click: browsers make one from Enter and Space too, and those must be held instead. */
export const isClick = (hold: Hold, byKey: boolean, now_ms: number): boolean => !byKey && settled(hold, now_ms);
