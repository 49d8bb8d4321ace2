/** The addresses of the pages. */

export type Where =
  | { page: 'schedule' }
  | { page: 'meeting'; meeting: string }
  | { page: 'join'; meeting: string; fragment: string }
  | { page: 'convene'; key: string };

const MEETING = /^\/m\/([A-Za-z0-9_-]+)(\/join|\/booth)?\/?$/;

export function where(url: { pathname: string; hash: string }): Where {
  const fragment = url.hash.replace(/^#/, '');
  if (/^\/convene(\.html)?\/?$/.test(url.pathname)) return { page: 'convene', key: fragment };
  const [, meeting, join] = MEETING.exec(url.pathname) ?? [];
  if (!meeting) return { page: 'schedule' };
  return join ? { page: 'join', meeting, fragment } : { page: 'meeting', meeting };
}

export const publicPath = (meeting: string): string => `/m/${meeting}`;
/** An interpreter's way into the room. */
export const boothPath = (meeting: string, fragment: string): string => `/m/${meeting}/booth#${fragment}`;
export const joinPath = (meeting: string, fragment: string): string => `/m/${meeting}/join#${fragment}`;
