/** Times and durations as people read them, in the language of the page. */

import { t } from '../strings/common';
import { isolated, locale } from '../words/speak';

/** Midnight is 00:00 and noon 12:00 in every language: a schedule must not be read wrongly. */
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const DAY = { day: 'numeric', month: 'long', year: 'numeric' } as const;

export const clockTime = (ms: number, zone?: string): string =>
  new Intl.DateTimeFormat(locale(), { ...CLOCK, ...(zone && { timeZone: zone }) }).format(ms);

/** With its seconds, for a clock that is on the wall. */
export const clockOfDay = (ms: number): string =>
  new Intl.DateTimeFormat(locale(), { ...CLOCK, second: '2-digit' }).format(ms);

export const calendarDay = (ms: number, zone?: string): string =>
  new Intl.DateTimeFormat(locale(), { ...DAY, ...(zone && { timeZone: zone }) }).format(ms);

/** "1 h 05 min", "12 min", "40 s": never more exact than a person needs. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return t('seconds', { seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t('minutes', { minutes });
  return t('hours', { hours: Math.floor(minutes / 60), minutes: String(minutes % 60).padStart(2, '0') });
}

/** "Ardania, Borland and Cenland". */
export const enumerated = (names: readonly string[]): string =>
  new Intl.ListFormat(locale(), { type: 'conjunction' }).format(names.map(isolated));

/** "3.4 MB". */
export function size(bytes: number): string {
  const small = bytes < 1_000_000;
  const said = new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: small ? 'kilobyte' : 'megabyte',
    maximumFractionDigits: 1,
  });
  return said.format(small ? Math.ceil(bytes / 1_000) : bytes / 1_000_000);
}
