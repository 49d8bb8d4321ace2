/** Times and durations as people read them. */

const LOCALE = 'en-GB';

export const clockTime = (ms: number, zone?: string): string =>
  new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', ...(zone && { timeZone: zone }) }).format(ms);

export const calendarDay = (ms: number, zone?: string): string =>
  new Intl.DateTimeFormat(LOCALE, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    ...(zone && { timeZone: zone }),
  }).format(ms);

/** "1 h 05 min", "12 min", "40 s": never more exact than a person needs. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** "Ardania, Borland and Cenland". */
export const enumerated = (names: readonly string[]): string =>
  new Intl.ListFormat(LOCALE, { type: 'conjunction' }).format(names);
