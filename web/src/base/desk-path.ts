/** The address of a delegation's desk; apart from the other addresses, which the public's page weighs too. */

export const deskPath = (meeting: string, fragment: string): string => `/m/${meeting}/desk#${fragment}`;

/** The meeting whose desk is at this address, if it is one. */
export const deskAt = (pathname: string): string | null => /^\/m\/([A-Za-z0-9_-]+)\/desk\/?$/.exec(pathname)?.[1] ?? null;
