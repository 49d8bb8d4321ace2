/** What the page and its workers say to each other. No key is in any of it. */

import type { Command } from '../protocol/Command';
import type { Disclosure } from '../protocol/Disclosure';
import type { MemberView } from '../protocol/MemberView';
import type { Occupant, Tally } from './pump';
import type { Charter, Seat } from './seal';

export type ToMember =
  /** Reads the charter and the link, without joining. */
  | { type: 'read'; meeting: string; charter: string; fragment: string; saved: string | undefined }
  | { type: 'join'; seat: Seat }
  | { type: 'command'; command: Command }
  | { type: 'count'; question: number };

export type FromMember =
  | { type: 'read'; charter: Charter; delegation: number }
  | { type: 'unreadable'; what: 'charter' | 'link' | 'program'; message: string }
  | { type: 'saved'; saved: string }
  | { type: 'socket'; up: boolean }
  | { type: 'view'; view: MemberView }
  | { type: 'media'; ticket: string; fresh: boolean }
  | { type: 'keyed' }
  | { type: 'fatal'; code: string; message: string }
  /** The rules, or the server, refused what the person asked for. */
  | { type: 'refused'; message: string }
  | { type: 'broke'; why: string }
  | { type: 'occupied'; occupant: Occupant }
  | { type: 'counted'; question: number; tallies: Tally[] };

export type ToGallery = { type: 'disclose'; keys: readonly Disclosure[] } | { type: 'forget' };

export type FromGallery =
  /** Transforms may be given to it: an event that comes before the worker listens is lost. */
  | { type: 'ready' }
  | { type: 'occupied'; occupant: Occupant }
  | { type: 'broke'; why: string };
