/** Times that the server wrote in UTC, said in the reader's own zone. The UTC text stays as a hint. */

import { locale } from '../words/speak';

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' } as const;
const DAY = { day: 'numeric', month: 'long', year: 'numeric' } as const;

/** "2026-11-27" where the reader is. */
function dayOf(date: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function localTime(date: Date, what: string, day: string | null): string {
  // Under a heading that names another day, the time alone would be wrong.
  const alone = what === 'clock' && (day === null || day === dayOf(date));
  return new Intl.DateTimeFormat(locale(), alone ? CLOCK : { ...DAY, ...CLOCK }).format(date);
}

export function localise(root: ParentNode): void {
  let day: string | null = null;
  for (const element of root.querySelectorAll<HTMLElement>('[data-day], time[data-local]')) {
    if (!(element instanceof HTMLTimeElement)) {
      day = element.dataset['day'] ?? null;
      continue;
    }
    if (element.title !== '') continue;
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    element.title = element.textContent ?? '';
    element.textContent = localTime(date, element.dataset['local'] ?? '', day);
  }
}
