/** What is whispered to one's own delegation, as the room shows it. Pure. */

import type { MemberOf } from '../protocol/MemberOf';
import type { MemberView } from '../protocol/MemberView';
import type { Occupant } from '../worker/pump';

/** A press this long is one that is held: it ends when it is let go. A shorter one stays on. */
export const HOLDS_MS = 400;

/** As numbered in a key id. */
const ASIDE = 3;

/** The slots in which somebody of the own delegation whispers, as the keys of the frames say, and who it is. */
export function whisperers(
  view: MemberView | null,
  occupants: Readonly<Record<number, Occupant>>,
): ReadonlyMap<number, MemberOf> {
  const heard = new Map<number, MemberOf>();
  for (const { id, leaf, stream } of Object.values(occupants)) {
    const member = stream === ASIDE ? view?.members.find((one) => one.leaf === leaf) : undefined;
    if (member) heard.set(id, member);
  }
  return heard;
}

/** Somebody begins to whisper. */
export const begins = (before: Occupant | undefined, { leaf, stream }: Occupant): boolean =>
  leaf !== null && stream === ASIDE && !(before?.leaf === leaf && before.stream === ASIDE);
