/** The address at which the convener announces a meeting; apart, as the desk's is. */

export const convenerPath = (meeting: string, fragment: string): string => `/m/${meeting}/convener#${fragment}`;

/** The meeting whose convener's page is at this address, if it is one. */
export const convenerAt = (pathname: string): string | null =>
  /^\/m\/([A-Za-z0-9_-]+)\/convener\/?$/.exec(pathname)?.[1] ?? null;
