/** What the desk's page knows: a pure reducer over what its worker says and its person does. */

import { type Away, awayAfter } from '../base/backoff';
import type { DeskCommand } from '../protocol/DeskCommand';
import type { PublicPhase } from '../protocol/PublicPhase';
import type { WaitingOf } from '../protocol/WaitingOf';
import type { DeskOf, LetterOf, SocketNews } from '../worker/messages';
import type { Charter, LinkOf } from '../worker/seal';

/** Why the page cannot go on. */
export type Obstacle =
  | { what: 'no-fragment' | 'unknown-meeting' | 'unreachable' | 'other-tab' | 'taken' | 'letter' | 'adjourned' }
  | { what: 'link' | 'charter' | 'program' | 'broke'; why: string }
  | { what: 'fatal'; code: string; why: string };

/** `offer`: a delegation's link was opened, and its key is made when the person says so. */
export type Stage = 'reading' | 'offer' | 'desk' | 'stopped';

export interface DeskState {
  stage: Stage;
  obstacle: Obstacle | null;
  charter: Charter | null;
  delegation: number;
  /** The key was made on this page just now: its link is nowhere else. */
  fresh: boolean;
  view: DeskOf | null;
  socket: boolean;
  /** Why the socket is not up, once that is known. */
  away: Away | null;
  /** The socket has been up at least once. */
  reached: boolean;
  /** The letter that was minted last. */
  minted: string | null;
  /** A letter is being minted. */
  minting: boolean;
  refusal: string | null;
}

export const opening: DeskState = {
  stage: 'reading',
  obstacle: null,
  charter: null,
  delegation: 0,
  fresh: false,
  view: null,
  socket: false,
  away: null,
  reached: false,
  minted: null,
  minting: false,
  refusal: null,
};

export type DeskEvent =
  | { type: 'read'; charter: Charter; link: LinkOf; claimed: boolean; adjourned: boolean }
  | { type: 'obstacle'; obstacle: Obstacle }
  | { type: 'started' }
  | { type: 'view'; view: DeskOf }
  | SocketNews
  | { type: 'asked'; what: DeskCommand['type'] }
  | { type: 'minted'; id: string }
  | { type: 'refused'; message: string }
  | { type: 'fatal'; code: string; message: string };

export function step(state: DeskState, event: DeskEvent): DeskState {
  switch (event.type) {
    case 'read': {
      const { charter, link } = event;
      const read: DeskState = { ...opening, charter, delegation: link.delegation };
      switch (link.kind) {
        case 'letter':
          return stopped(read, { what: 'letter' });
        case 'desk':
          return { ...read, stage: 'desk' };
        case 'delegation':
          if (event.adjourned) return stopped(read, { what: 'adjourned' });
          return event.claimed ? stopped(read, { what: 'taken' }) : { ...read, stage: 'offer' };
        default:
          return link satisfies never;
      }
    }
    case 'obstacle':
      return stopped(state, event.obstacle);
    case 'started':
      return { ...state, fresh: state.stage === 'offer', stage: 'desk' };
    case 'view':
      return { ...state, view: event.view };
    case 'socket':
      return {
        ...state,
        socket: event.up,
        away: event.up ? null : awayAfter(state.away, event.how),
        reached: state.reached || event.up,
      };
    case 'asked':
      return { ...state, refusal: null, minting: event.what === 'mint' };
    case 'minted':
      return { ...state, minted: event.id, minting: false };
    case 'refused':
      return { ...state, refusal: event.message, minting: false };
    case 'fatal':
      if (event.code === 'slot_taken') return stopped(state, { what: 'taken' });
      if (event.code === 'adjourned') return stopped(state, { what: 'adjourned' });
      return stopped(state, { what: 'fatal', code: event.code, why: event.message });
    default:
      return event satisfies never;
  }
}

const stopped = (state: DeskState, obstacle: Obstacle): DeskState => ({ ...state, stage: 'stopped', obstacle });

/** The lamp as the public sees it: a desk is not in the room. */
export const lampOf = ({ view }: DeskState): PublicPhase | 'waiting' => view?.public?.phase ?? 'waiting';

/** Words and acts count only while the server hears them. */
export const mayAct = ({ view, socket }: DeskState): boolean =>
  socket && view?.connected === true && view.public?.phase !== 'adjourned';

/** What is published is published over the same line, and weeks after the meeting too. */
export const mayPublish = ({ view, socket }: DeskState): boolean => socket && view?.connected === true;

export type LetterState = 'revoked' | 'here' | 'expired' | 'away' | 'unused';

export function letterState(letter: LetterOf, now_ms: number): LetterState {
  if (letter.revoked) return 'revoked';
  // Whoever's letter runs out while they are in stays in.
  if (letter.present) return 'here';
  if (letter.not_after_ms < now_ms) return 'expired';
  return letter.used ? 'away' : 'unused';
}

/** Good letters first, in the order of minting, the newest on top; the dead ones after them. */
export function inOrder(letters: readonly LetterOf[], now_ms: number): LetterOf[] {
  const isDead = (letter: LetterOf): number => Number(['revoked', 'expired'].includes(letterState(letter, now_ms)));
  return letters.toReversed().sort((a, b) => isDead(a) - isDead(b));
}

/** What a screen reader is told when the view changes. */
export type News =
  | { say: 'waiting'; person: WaitingOf }
  | { say: 'here' | 'gone'; name: string }
  | { say: 'claimed'; delegation: number };

export function newsOf(before: DeskOf | null, after: DeskOf): News[] {
  const news: News[] = [];
  const known = new Set(before?.waiting.map(({ id }) => id));
  for (const person of after.waiting) if (!known.has(person.id)) news.push({ say: 'waiting', person });
  if (!before?.connected || !after.connected) return news;
  const was = new Map(before.letters.map(({ id, present }) => [id, present]));
  for (const { id, name, present } of after.letters) {
    if (present !== (was.get(id) ?? false)) news.push({ say: present ? 'here' : 'gone', name });
  }
  after.fingerprints.forEach((print, delegation) => {
    if (print && !before.fingerprints[delegation]) news.push({ say: 'claimed', delegation });
  });
  return news;
}
