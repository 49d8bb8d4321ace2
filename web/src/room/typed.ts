/** Lines that others are typing: what of them this page shows, and for how long. */

import type { ChatOf } from '../protocol/ChatOf';
import type { TypedOf } from '../protocol/TypedOf';

export interface Line extends TypedOf {
  /** When it grew last. */
  at_ms: number;
}

/** What somebody types, or has written. */
export interface Said {
  id: string;
  name: string;
  text: string;
  /** It is still being typed. */
  grows: boolean;
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
export function inSight(lines: readonly Line[], now_ms: number): { shown: readonly Said[]; more: number } {
  const growing = lines.filter((line) => isFresh(line, now_ms)).map(({ id, name, text }) => ({ id, name, text, grows: true }));
  return { shown: growing.slice(0, LINES_MAX), more: Math.max(0, growing.length - LINES_MAX) };
}

/** For whoever reads along: what was written last stays before what is being typed, as far as there is room. */
export function kept(growing: readonly Said[], written: readonly ChatOf[]): readonly Said[] {
  const room = LINES_MAX - growing.length;
  const last = room > 0 ? written.slice(-room) : [];
  return [...last.map(({ id, name, text }) => ({ id: `written ${id}`, name, text, grows: false })), ...growing];
}

const isFresh = ({ at_ms }: Line, now_ms: number): boolean => now_ms - at_ms < LINE_MS;
