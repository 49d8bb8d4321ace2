/** The form in which a letter is made out. Pure. */

import type { DeskCommand } from '../protocol/DeskCommand';

export const ROLES = ['principal', 'adviser', 'interpreter', 'secretary'] as const;
export type Role = (typeof ROLES)[number];

export interface Draft {
  name: string;
  role: Role;
  /** Whoever holds the letter must be let in. */
  ask: boolean;
  /** The last day, as a date input has it: `2027-01-31`. */
  until: string;
}

/** As the protocol's limits say. */
const NAME_BYTES_MAX = 200;
const DAY_MS = 24 * 3_600_000;
const VALIDITY_DAYS_MAX = 400;
/** A month: most meetings are over by then, and a forgotten letter does not live for a year. */
const USUAL_DAYS = 30;

export interface Days {
  first: string;
  last: string;
  usual: string;
}

/** The days that a letter may be valid until: its last moment is that day's last, where the desk is. */
export function daysOf(convened_at_ms: number, now_ms: number): Days {
  // The whole of the last day must be within the bound.
  const latest_ms = convened_at_ms + VALIDITY_DAYS_MAX * DAY_MS - DAY_MS;
  const usual_ms = Math.min(now_ms + USUAL_DAYS * DAY_MS, latest_ms);
  return { first: dayOf(now_ms), last: dayOf(latest_ms), usual: dayOf(usual_ms) };
}

export const emptyDraft = (days: Days): Draft => ({ name: '', role: 'principal', ask: false, until: days.usual });

export type Fault = 'name-missing' | 'name-long' | 'until-wrong';

export function faultsOf(draft: Draft, days: Days): Partial<Record<'name' | 'until', Fault>> {
  const name = draft.name.trim();
  const long = new TextEncoder().encode(name).length > NAME_BYTES_MAX;
  return {
    ...(name === '' ? { name: 'name-missing' } : long ? { name: 'name-long' } : {}),
    // ISO days compare as text.
    ...(endOf(draft.until) === null || draft.until < days.first || draft.until > days.last ? { until: 'until-wrong' } : {}),
  };
}

export const mintOf = (draft: Draft): DeskCommand => ({
  type: 'mint',
  name: draft.name.trim(),
  role: draft.role,
  ask: draft.ask,
  not_after_ms: endOf(draft.until) ?? 0,
});

function dayOf(ms: number): string {
  const date = new Date(ms);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The last millisecond of a day, where the desk is. */
function endOf(day: string): number | null {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  if (!year || !month || !date) return null;
  return new Date(Number(year), Number(month) - 1, Number(date) + 1).getTime() - 1;
}
