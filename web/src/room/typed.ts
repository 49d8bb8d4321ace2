/** Lines that others are typing: what of them this page shows, and for how long. */

import type { TypedOf } from '../protocol/TypedOf';

export interface Line extends TypedOf {
  /** When it grew last. */
  at_ms: number;
}

/** A line that has not grown for so long is put away: nobody knows whether anything comes of it. It is back with the next letter. */
export const LINE_MS = 30_000;

/** So many are shown at once, those that began first: they push nothing else off a small screen. */
export const LINES_MAX = 3;

/** Each writer has one line, which keeps its place while it grows. */
export function typedAfter(lines: readonly Line[], { id, name, delegation, text }: TypedOf, at_ms: number): readonly Line[] {
  const line: Line = { id, name, delegation, text, at_ms };
  const growing = lines.filter((one) => one.id === id || isFresh(one, at_ms));
  if (text === '') return growing.filter((one) => one.id !== id);
  if (!growing.some((one) => one.id === id)) return [...growing, line];
  return growing.map((one) => (one.id === id ? line : one));
}

/** What is in sight now, and how many more are typing. */
export function inSight(lines: readonly Line[], now_ms: number): { shown: readonly Line[]; more: number } {
  const growing = lines.filter((line) => isFresh(line, now_ms));
  return { shown: growing.slice(0, LINES_MAX), more: Math.max(0, growing.length - LINES_MAX) };
}

const isFresh = ({ at_ms }: Line, now_ms: number): boolean => now_ms - at_ms < LINE_MS;
