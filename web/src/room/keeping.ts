/** What a reload in the same tab needs, and nothing else. Gone when the tab is closed. */

import { nullable, type Decoder, parse, shape, text } from '../base/decode';

export interface Kept {
  fragment: string;
  name: string;
  /** From the member itself; opaque here. */
  saved: string | null;
}

const kept: Decoder<Kept> = shape<Kept>({ fragment: text, name: text, saved: nullable(text) });

const keyOf = (meeting: string): string => `incamera:${meeting}`;

export function recall(meeting: string, storage: Storage = sessionStorage): Kept | null {
  const json = storage.getItem(keyOf(meeting));
  if (json === null) return null;
  try {
    return parse(json, kept);
  } catch {
    return null;
  }
}

export function keep(meeting: string, value: Kept, storage: Storage = sessionStorage): void {
  storage.setItem(keyOf(meeting), JSON.stringify(value));
}

export const forget = (meeting: string, storage: Storage = sessionStorage): void => storage.removeItem(keyOf(meeting));
