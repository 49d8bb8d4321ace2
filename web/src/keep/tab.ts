/** The tab's session: where the page puts what its worker has sealed. Gone when the tab is closed. */

import { type Decoder, parse, shape, text } from '../base/decode';
import type { FromKeep, ToKeep } from './keep';
import type { Sealed } from './keeper';

const decoder: Decoder<Sealed> = shape<Sealed>({ id: text, nonce: text, sealed: text });

export type Place = 'room' | 'desk';

const nameOf = (place: Place, meeting: string): string => `incamera:${place}:${meeting}`;

export function stored(place: Place, meeting: string, storage: () => Storage = () => sessionStorage): Sealed | null {
  try {
    const json = storage().getItem(nameOf(place, meeting));
    return json === null ? null : parse(json, decoder);
  } catch {
    return null;
  }
}

/** Does what the worker asks; the answer goes back to it. */
export function store(
  place: Place,
  meeting: string,
  { number, sealed }: Extract<FromKeep, { type: 'keep' }>,
  storage: () => Storage = () => sessionStorage,
): ToKeep {
  try {
    if (sealed) storage().setItem(nameOf(place, meeting), JSON.stringify(sealed));
    else storage().removeItem(nameOf(place, meeting));
    return { type: 'kept', number, ok: true };
  } catch {
    return { type: 'kept', number, ok: false };
  }
}
