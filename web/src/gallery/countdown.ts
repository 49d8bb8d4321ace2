/** How long it is until something, as people say it: the nearer, the more exactly. */

import { locale } from '../words/speak';

export function inWords(left_ms: number): string {
  const seconds = Math.max(0, Math.ceil(left_ms / 1_000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  if (days > 0) return said([days, 'day'], [hours, 'hour']);
  if (hours > 0) return said([hours, 'hour'], [minutes, 'minute']);
  if (minutes >= 10) return said([minutes, 'minute']);
  if (minutes > 0) return said([minutes, 'minute'], [seconds % 60, 'second']);
  return said([seconds, 'second']);
}

const said = (...parts: readonly [number, string][]): string =>
  new Intl.ListFormat(locale(), { type: 'unit' }).format(
    parts.map(([number, unit]) =>
      new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(number),
    ),
  );
