/** How long it is until something, as people say it: the nearer, the more exactly. */
export function inWords(left_ms: number): string {
  const seconds = Math.max(0, Math.ceil(left_ms / 1_000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const many = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  if (days > 0) return `${many(days, 'day')}, ${many(hours, 'hour')}`;
  if (hours > 0) return `${many(hours, 'hour')}, ${many(minutes, 'minute')}`;
  if (minutes >= 10) return many(minutes, 'minute');
  if (minutes > 0) return `${many(minutes, 'minute')}, ${many(seconds % 60, 'second')}`;
  return many(seconds, 'second');
}
