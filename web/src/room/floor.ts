/** The floor as it is shown: pure. Who has it and who asks for it, the group's own state says. */

import type { HandOf } from '../protocol/HandOf';
import type { MemberOf } from '../protocol/MemberOf';
import type { MemberView } from '../protocol/MemberView';
import type { SpeakerOf } from '../protocol/SpeakerOf';

/** For how long the floor may be given, in minutes; 0: without a limit. */
export const MINUTES = [0, 1, 2, 3, 5, 10] as const;

/** What the clock of whoever speaks says, as minutes and seconds: what is left, what is over, or how long it has been. */
export interface Clock {
  says: 'left' | 'over' | 'for';
  time: string;
}

export function clockOf({ began_at_ms, seconds }: SpeakerOf, now_ms: number): Clock {
  const gone = Math.max(0, Math.floor((now_ms - began_at_ms) / 1_000));
  if (seconds === 0) return { says: 'for', time: minutes(gone) };
  return gone <= seconds
    ? { says: 'left', time: minutes(seconds - gone) }
    : { says: 'over', time: minutes(gone - seconds) };
}

const minutes = (seconds: number): string =>
  `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;

export const memberAt = (view: MemberView, leaf: number): MemberOf | undefined =>
  view.members.find((member) => member.leaf === leaf);

/** What a member's hand does. */
export const handOf = (view: MemberView, leaf: number | undefined): HandOf =>
  view.floor.queue.find((asking) => asking.leaf === leaf)?.hand ?? 'down';

export const ownHand = (view: MemberView): HandOf => handOf(view, view.members.find(({ me }) => me)?.leaf);

/**
 * Whom this page asks the house to send before all others: whoever has the floor. Only where there are more to hear than slots,
 * for the house learns by it who that is; elsewhere everybody is heard anyway.
 */
export function firstToHear(view: MemberView | null, slots: number): number | null {
  const speaker = view === null ? undefined : speaking(view);
  // One of the members is me.
  return view === null || view.members.length - 1 <= slots || speaker === undefined || speaker.me ? null : speaker.leaf;
}

/** Who has the floor. */
export const speaking = (view: MemberView): MemberOf | undefined =>
  view.floor.speaker === null ? undefined : memberAt(view, view.floor.speaker.leaf);
