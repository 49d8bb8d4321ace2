/** Questions to the server over HTTP, with every way to fail as a value. */

import type { Decoder } from './decode';
import { errorBody } from './wire';

export type Answer<T> =
  | { ok: true; value: T }
  /** The server said no, and in one sentence why. */
  | { ok: false; fault: 'refused'; status: number; code: string; message: string }
  /** No answer came, or none that can be read. */
  | { ok: false; fault: 'unreachable' };

export async function ask<T>(path: string, read: (response: Response) => Promise<T>, init?: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(path, { cache: 'no-store', credentials: 'omit', ...init });
    if (response.ok) return { ok: true, value: await read(response) };
    const status = response.status;
    try {
      return { ok: false, fault: 'refused', status, ...errorBody(await response.json()) };
    } catch {
      // A proxy in front of the server answers in its own words when the server is down.
      return status >= 500
        ? { ok: false, fault: 'unreachable' }
        : { ok: false, fault: 'refused', status, code: '', message: '' };
    }
  } catch {
    return { ok: false, fault: 'unreachable' };
  }
}

export const askJson = <T>(path: string, decoder: Decoder<T>, init?: RequestInit): Promise<Answer<T>> =>
  ask(path, async (response) => decoder(await response.json()), init);
