/**
 * What the pages and their workers say to each other. No key is in any of it, and a link's secret only where the person
 * has opened it, or asks for it.
 */

import type { Drop } from '../base/backoff';
import type { FromKeep, ToKeep } from '../keep/keep';
import type { Sealed } from '../keep/keeper';
import type { CallOf } from '../protocol/CallOf';
import type { ChatOf } from '../protocol/ChatOf';
import type { Command } from '../protocol/Command';
import type { DocumentOf } from '../protocol/DocumentOf';
import type { DeskCommand } from '../protocol/DeskCommand';
import type { DeskLetter } from '../protocol/DeskLetter';
import type { DeskText } from '../protocol/DeskText';
import type { DeskView } from '../protocol/DeskView';
import type { Disclosure } from '../protocol/Disclosure';
import type { MemberView } from '../protocol/MemberView';
import type { Relay } from '../protocol/Relay';
import type { TypedOf } from '../protocol/TypedOf';
import type { WishOf } from '../protocol/WishOf';
import type { Occupant, Tally } from './pump';
import type { Piece } from './markdown';
import type { Charter, LinkOf, Shown } from './seal';

/** First of all, from a page whose address has a link's secret, or whose tab has kept it. */
export interface Open {
  type: 'open';
  meeting: string;
  /** What stood after the `#`; empty after a reload. */
  fragment: string;
  sealed: Sealed | null;
}

/** Why a link cannot be used. */
export interface Unreadable {
  type: 'unreadable';
  what: 'charter' | 'link' | 'program';
  message: string;
}

export type ToMember =
  | Open
  | ToKeep
  /** Reads the charter and the link, without joining. */
  | { type: 'read'; charter: string }
  | { type: 'join'; name: string }
  | { type: 'command'; command: Command }
  /** Offers a file; `key` names it until it has an id. */
  | { type: 'offer'; key: string; file: File }
  /** The person wants a document. */
  | { type: 'fetch'; id: string }
  /** The person takes a document back. */
  | { type: 'withdraw'; id: string }
  /** The person asks for the link of the delegation's desk. */
  | { type: 'desk' }
  | { type: 'count'; question: number };

/** A document on its way to the house or from it. */
export interface Transfer {
  /** What the page called the file, or the id of the document. */
  key: string;
  /** What the file is called; empty where the document says so itself. */
  file: string;
  step: 'under way' | 'done' | 'failed';
  /** How much of it, from 0 to 1. */
  done: number;
  /** Why not, by a code or in a sentence. */
  code: string;
  why: string;
}

/** The socket is up, or why it is not. */
export type SocketNews = { type: 'socket'; up: true } | { type: 'socket'; up: false; how: Drop };

export type FromMember =
  | FromKeep
  /** `elsewhere`: this tab is a copy of one that is open. `name` is empty at first. */
  | { type: 'opened'; is: 'linked' | 'no-link' | 'elsewhere'; name: string; returning: boolean }
  /** `taken`: another tab of this browser has the same link. */
  | { type: 'read'; charter: Charter; link: LinkOf; taken: boolean }
  | Unreadable
  | SocketNews
  | { type: 'view'; view: MemberView }
  | { type: 'relay'; relay: Relay }
  | { type: 'media'; ticket: string; fresh: boolean }
  /** Somebody has written, or what this person wrote has come further. */
  | { type: 'chat'; message: ChatOf }
  /** Somebody is typing, has typed more, or is typing no longer. */
  | { type: 'typed'; line: TypedOf }
  /** A document is offered, or it stands otherwise with one than before. */
  | { type: 'document'; document: DocumentOf }
  | { type: 'transfer'; transfer: Transfer }
  /** What was offered, whole; `picture`: the media type, if it is a picture that a page shows. */
  | { type: 'fetched'; id: string; picture: string | null; blob: Blob }
  /** Somebody asks for this person's microphone to be turned off or on. */
  | { type: 'wish'; wish: WishOf }
  /** An interpreter calls out. */
  | { type: 'call'; call: CallOf }
  | { type: 'keyed' }
  /** The worker has taken the transform with this number on. */
  | { type: 'attached'; id: number }
  /** Which layers of the camera anybody is shown, as far as the server says. */
  | { type: 'layers'; wanted: readonly boolean[] }
  /** Secret: what stands after the `#` of the desk's link, if this device holds the delegation's key. */
  | { type: 'desk'; fragment: string | null }
  | { type: 'fatal'; code: string; message: string }
  /** The rules, or the server, refused what the person asked for. */
  | { type: 'refused'; message: string }
  | { type: 'broke'; why: string }
  | { type: 'occupied'; occupant: Occupant }
  | { type: 'counted'; question: number; tallies: Tally[] };

export type ToDesk =
  | Open
  | ToKeep
  | { type: 'read'; charter: string }
  /** With a delegation's link: makes the delegation's key. */
  | { type: 'start' }
  | { type: 'command'; command: DeskCommand }
  /** The person asks for the desk's own link (`of` null), or for that of a letter. */
  | { type: 'link'; of: string | null; question: number }
  /** Keep what is being written, for a reload. */
  | { type: 'draft'; drafts: Drafts }
  /** How the public would see this. */
  | { type: 'preview'; source: string; question: number };

/** What is being written at the desk and is not published. */
export interface Drafts {
  readout: readonly DeskText[];
  joint: readonly DeskText[];
}

/** A letter as the page sees it: its link only when it is asked for. */
export type LetterOf = Omit<DeskLetter, 'fragment'> & { linked: boolean };
export type DeskOf = Omit<DeskView, 'letters'> & { letters: LetterOf[] };

export type FromDesk =
  | FromKeep
  | { type: 'opened'; is: 'linked' | 'no-link' | 'elsewhere' }
  | { type: 'read'; charter: Charter; link: LinkOf }
  | Unreadable
  /** The delegation's key is made, and a reload finds it. */
  | { type: 'started' }
  | SocketNews
  | { type: 'view'; view: DeskOf }
  /** The letter that was just minted. */
  | { type: 'minted'; id: string }
  /** Secret. */
  | { type: 'link'; question: number; fragment: string | null }
  /** What was being written before a reload. */
  | { type: 'drafted'; drafts: Drafts }
  | { type: 'previewed'; question: number; pieces: Piece[] }
  | { type: 'refused'; message: string }
  | { type: 'broke'; why: string }
  | { type: 'fatal'; code: string; message: string };

export type ToGallery =
  | { type: 'disclose'; keys: readonly Disclosure[] }
  | { type: 'listen'; channel: number | null }
  | { type: 'forget' }
  /** From which charter on signatures count. */
  | { type: 'trust'; meeting: string; charter: string }
  | { type: 'signer'; credential: string }
  | { type: 'digest'; digest: string };

export type FromGallery =
  /** Transforms may be given to it: an event that comes before the worker listens is lost. */
  | { type: 'ready' }
  | { type: 'occupied'; occupant: Occupant }
  | { type: 'shown'; shown: readonly Shown[] }
  | { type: 'broke'; why: string };

/** To the worker that checks a record: whose, and whether its recordings as well. */
export interface ToVerifier {
  meeting: string;
  recordings: boolean;
}

export type FromVerifier =
  | { type: 'fetched'; files: number }
  /** So many bytes of all recordings. */
  | { type: 'came'; done: number; all: number }
  /** The JSON of the report. */
  | { type: 'report'; report: string }
  | { type: 'failed'; why: string };
