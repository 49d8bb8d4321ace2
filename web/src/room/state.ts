/** What the room's page knows: a pure reducer over what its worker, its media and its person say. */

import { type Away, awayAfter } from '../base/backoff';
import type { LampState } from '../lamp/lamp';
import { type Tuned, tune, untuned } from '../media/channels';
import type { CallOf } from '../protocol/CallOf';
import type { ChatOf } from '../protocol/ChatOf';
import type { DocumentOf } from '../protocol/DocumentOf';
import type { MemberOf } from '../protocol/MemberOf';
import type { MemberView } from '../protocol/MemberView';
import type { TypedOf } from '../protocol/TypedOf';
import type { WaitingOf } from '../protocol/WaitingOf';
import type { WishOf } from '../protocol/WishOf';
import type { LinkState } from '../media/link';
import { isFinal } from '../worker/final';
import type { SocketNews, Transfer } from '../worker/messages';
import type { Occupant } from '../worker/pump';
import type { Charter, LinkOf } from '../worker/seal';
import { handOf, speaking } from './floor';
import { type Line, typedAfter } from './typed';

export type Alarm = { what: 'leak' } | { what: 'silent' } | { what: 'codec' } | { what: 'broke'; why: string };

/** Why the page cannot go on. */
export type Obstacle =
  | { what: 'no-fragment' | 'unknown-meeting' | 'unreachable' | 'other-tab' | 'browser' }
  | { what: 'link' | 'charter' | 'program'; why: string }
  | { what: 'fatal'; code: string; why: string }
  /** Another client has used the delegation's link before. */
  | { what: 'taken'; delegation: number }
  /** The letter was valid up to this moment. */
  | { what: 'expired'; at_ms: number };

export type Stage = 'reading' | 'check' | 'room' | 'left' | 'stopped';

export interface RoomState {
  stage: Stage;
  obstacle: Obstacle | null;
  charter: Charter | null;
  /** Index into the charter's delegations: whose link this is. */
  delegation: number;
  /** The link by which this page joins. */
  by: LinkOf | null;
  view: MemberView | null;
  /** When the part that runs began for this page; for display only. */
  since_ms: number;
  socket: boolean;
  /** Why the socket is not up, once that is known. */
  away: Away | null;
  /** The socket has been up at least once. */
  reached: boolean;
  link: LinkState;
  /** By the number of the slot's transform. */
  occupants: Readonly<Record<number, Occupant>>;
  alarm: Alarm | null;
  /** What was written in the meeting while this page was in it, the newest last. */
  chat: readonly ChatOf[];
  /** What others are typing. */
  typed: readonly Line[];
  /** What was offered in the meeting while this page was in it, the newest last. */
  documents: readonly DocumentOf[];
  /** What is on its way, or did not get there, the newest last. */
  transfers: readonly Transfer[];
  /** What has been fetched, by the document's id. */
  fetched: Readonly<Record<string, Fetched>>;
  /** Somebody asks for my microphone to be turned off or on; the latest one counts. */
  wish: WishOf | null;
  /** What interpreters have called out last, and when. */
  slower: Called | null;
  help: Called | null;
  /** Whoever looks after the meeting sees to what a booth has called for. */
  seen: Called | null;
  /** The language channel that is heard, as far as it comes. */
  tuned: Tuned;
  /** What the rules or the server refused last. */
  refusal: string | null;
}

/** An interpreter, where there is something to interpret into: they come to their booth. */
export const interprets = ({ by, charter }: RoomState): boolean =>
  by?.kind === 'letter' && by.role === 'interpreter' && (charter?.languages.length ?? 0) > 1;

/** A document that is here. */
export interface Fetched {
  blob: Blob;
  /** Its media type, if it is a picture that a page shows. */
  picture: string | null;
}

export interface Called {
  call: CallOf;
  at_ms: number;
}

/** So many messages are kept in sight; the earliest go. */
const CHAT_MAX = 500;

export const entering: RoomState = {
  stage: 'reading',
  obstacle: null,
  charter: null,
  delegation: 0,
  by: null,
  view: null,
  since_ms: 0,
  socket: false,
  away: null,
  reached: false,
  link: 'none',
  occupants: {},
  alarm: null,
  chat: [],
  typed: [],
  documents: [],
  transfers: [],
  fetched: {},
  wish: null,
  slower: null,
  help: null,
  seen: null,
  tuned: untuned,
  refusal: null,
};

export type RoomEvent =
  | { type: 'read'; charter: Charter; link: LinkOf }
  | { type: 'obstacle'; obstacle: Obstacle; charter?: Charter }
  | { type: 'retry' }
  | { type: 'joined' }
  | { type: 'view'; view: MemberView }
  | SocketNews
  | { type: 'link'; state: LinkState }
  | { type: 'slots' }
  | { type: 'occupied'; occupant: Occupant }
  | { type: 'alarm'; alarm: Alarm }
  | { type: 'chat'; message: ChatOf }
  | { type: 'typed'; line: TypedOf }
  | { type: 'document'; document: DocumentOf }
  | { type: 'transfer'; transfer: Transfer }
  | { type: 'fetched'; id: string; picture: string | null; blob: Blob }
  | { type: 'dismiss'; key: string }
  | { type: 'wish'; wish: WishOf | null }
  | { type: 'call'; call: CallOf }
  | { type: 'helped' }
  | { type: 'refused'; message: string }
  | { type: 'heeded' }
  | { type: 'left' };

export function step(state: RoomState, event: RoomEvent, now_ms: number): RoomState {
  switch (event.type) {
    case 'read':
      // Also for somebody who has left and comes back: nothing of before counts.
      return { ...entering, stage: 'check', charter: event.charter, by: event.link, delegation: event.link.delegation };
    case 'obstacle':
      // Once the meeting is over nothing can stand in its way.
      if (state.view?.lamp === 'adjourned') return state;
      return { ...state, stage: 'stopped', charter: event.charter ?? state.charter, obstacle: event.obstacle };
    case 'retry':
      return { ...state, stage: 'reading', obstacle: null };
    case 'joined':
      return { ...state, stage: 'room' };
    case 'view': {
      const same = state.view?.lamp === event.view.lamp && state.view.part === event.view.part;
      const { listens, channels } = event.view.booths;
      const voice = listens === null ? null : (channels[listens]?.voice ?? null);
      const tuned = tune(state.tuned, listens, voice, now_ms);
      return { ...state, view: event.view, tuned, since_ms: same ? state.since_ms : now_ms };
    }
    case 'socket':
      return {
        ...state,
        socket: event.up,
        away: event.up ? null : awayAfter(state.away, event.how),
        reached: state.reached || event.up,
      };
    case 'link':
      return { ...state, link: event.state };
    case 'slots':
      return { ...state, occupants: {} };
    case 'occupied':
      return { ...state, occupants: { ...state.occupants, [event.occupant.id]: event.occupant } };
    case 'alarm':
      // A leak stays said, whatever comes after it.
      return state.alarm?.what === 'leak' ? state : { ...state, alarm: event.alarm };
    case 'chat':
      return { ...state, chat: written(state.chat, event.message) };
    case 'typed':
      return { ...state, typed: typedAfter(state.typed, event.line, now_ms) };
    case 'document':
      return { ...state, ...offered(state, event.document) };
    case 'transfer':
      return { ...state, transfers: carried(state.transfers, event.transfer) };
    case 'fetched':
      return { ...state, fetched: { ...state.fetched, [event.id]: { blob: event.blob, picture: event.picture } } };
    case 'dismiss':
      return { ...state, transfers: state.transfers.filter(({ key }) => key !== event.key) };
    case 'wish':
      return { ...state, wish: event.wish };
    case 'call':
      return called(state, { call: event.call, at_ms: now_ms });
    case 'helped':
      return { ...state, help: null };
    case 'refused':
      return { ...state, refusal: event.message };
    case 'heeded':
      return { ...state, refusal: null };
    case 'left':
      return { ...state, stage: 'left' };
    default:
      return event satisfies never;
  }
}

/** What is written to a booth is read there, and by whoever wrote it. */
export const isRead = ({ booth, me }: ChatOf, view: MemberView | null): boolean =>
  booth === null || me || booth === view?.booths.sits;

/** A call for help that somebody sees to is no longer everybody's. */
function called(state: RoomState, called: Called): RoomState {
  const { what, booth } = called.call;
  const help = what === 'seen' && state.help?.call.booth === booth ? null : state.help;
  return { ...state, help, [what]: called };
}

/** How many messages of others have come since the one that was read last. */
export function unreadSince(chat: readonly ChatOf[], seen: string): number {
  const after = chat.findIndex(({ id }) => id === seen) + 1;
  return chat.slice(after).filter(({ me }) => !me).length;
}

/** The same message again has come further, or was not passed on. */
function written(chat: readonly ChatOf[], message: ChatOf): readonly ChatOf[] {
  const known = chat.some(({ id }) => id === message.id);
  if (known) return chat.map((one) => (one.id === message.id ? message : one));
  return [...chat, message].slice(-CHAT_MAX);
}

/** The same document again stands otherwise. What its offerer has taken back this page lets go of too. */
function offered({ documents, fetched }: RoomState, document: DocumentOf): Pick<RoomState, 'documents' | 'fetched'> {
  const known = documents.some(({ id }) => id === document.id);
  const kept = Object.entries(fetched).filter(([id]) => id !== document.id || document.state !== 'withdrawn');
  return {
    documents: known ? documents.map((one) => (one.id === document.id ? document : one)) : [...documents, document],
    fetched: Object.fromEntries(kept),
  };
}

/** What has arrived is on its way no more. */
function carried(transfers: readonly Transfer[], transfer: Transfer): readonly Transfer[] {
  if (transfer.step === 'done') return transfers.filter(({ key }) => key !== transfer.key);
  const known = transfers.some(({ key }) => key === transfer.key);
  return known ? transfers.map((one) => (one.key === transfer.key ? transfer : one)) : [...transfers, transfer];
}

/** Whether the person is offered to try again. */
export function mayTryAgain(obstacle: Obstacle): boolean {
  switch (obstacle.what) {
    case 'taken':
    case 'expired':
      return false;
    case 'fatal':
      return !isFinal(obstacle.code);
    default:
      return true;
  }
}

/** The lamp as it is shown: an alarm of this page is above whatever the group says. */
export function lampOf({ view, alarm }: RoomState): LampState {
  if (alarm) return 'held';
  return view?.lamp ?? 'waiting';
}

/** Since when the public cannot hear the open part that runs; while its doors shut that is nobody's business any more. */
export function unheardSince(view: MemberView | null): number | null {
  if (!view || view.lamp === 'closing' || view.lamp === 'adjourned') return null;
  return view.unheard_since_ms;
}

/** A picture in the room. */
export interface Tile {
  member: MemberOf;
  /** The number of the slot whose frames are under this member's key; `null`: no picture comes. */
  slot: number | null;
  /** It is their screen, and not they themselves. */
  screen: boolean;
}

/** A call to speak more slowly is shown for so long, to whoever speaks. */
export const SLOWER_MS = 8_000;

/** Whoever calls has listened for a moment before: so long ago may have been what it is about. */
export const SPOKE_MS = 6_000;

/**
 * Whether this person is asked to speak more slowly: whoever has the floor, or else whoever has just spoken. When a voice
 * was last in their microphone is `null` where none was, and `undefined` where the browser does not tell: then everybody
 * whose microphone is on is asked.
 */
export function isToSlow({ slower, view }: RoomState, silent: boolean, spoke_ms: number | null | undefined, now_ms: number): boolean {
  if (!slower || !view || now_ms - slower.at_ms >= SLOWER_MS || view.booths.sits !== null) return false;
  const speaker = speaking(view);
  if (speaker) return speaker.me;
  return !silent && (spoke_ms === undefined || (spoke_ms !== null && spoke_ms > slower.at_ms - SPOKE_MS));
}

/** As numbered in a key id. */
const [CAMERA, SCREEN] = [1, 2];

/** With more people than this only those are shown whose picture comes. Nine placards fill a screen. */
const PLACARDS_MAX = 9;

/** The others, in an order that does not jump: by delegation, then by seat. */
export function tilesOf(
  view: MemberView,
  occupants: Readonly<Record<number, Occupant>>,
  videoSlots: readonly number[],
): Tile[] {
  const others = view.members.filter(({ me }) => !me);
  const tiles = others.map((member): Tile => {
    const slot = videoSlots.find((id) => occupants[id]?.leaf === member.leaf && occupants[id]?.stream === CAMERA);
    return { member, slot: slot ?? null, screen: false };
  });
  const screens = others.flatMap((member): Tile[] => {
    const slot = videoSlots.find((id) => occupants[id]?.leaf === member.leaf && occupants[id]?.stream === SCREEN);
    return slot === undefined ? [] : [{ member, slot, screen: true }];
  });
  const people = tiles.length > PLACARDS_MAX ? tiles.filter(({ slot }) => slot !== null) : tiles;
  const shown = [...people, ...screens];
  return shown.sort((a, b) => a.member.delegation - b.member.delegation || a.member.leaf - b.member.leaf);
}

/** The agenda item a motion is for, unless the person chooses another: the next one meant to be taken that way. */
export function nextItem(charter: Charter, current: number | null, isPublic: boolean): number {
  const from = current ?? -1;
  const fits = (index: number): boolean => charter.agenda[index]?.public === isPublic;
  for (let index = from + 1; index < charter.agenda.length; index += 1) if (fits(index)) return index;
  const any = charter.agenda.findIndex((_item, index) => fits(index));
  return any >= 0 ? any : Math.max(0, from);
}

/** What a screen reader is told when the view changes, as keys and names for the page's strings. */
export type News =
  | { say: 'lamp' }
  /** The public hears again. */
  | { say: 'heard' }
  | { say: 'joined' | 'gone'; member: MemberOf }
  | { say: 'motion'; by: string }
  | { say: 'chat'; message: ChatOf }
  | { say: 'whispers'; member: MemberOf }
  | { say: 'whisper'; on: boolean }
  | { say: 'document'; document: DocumentOf }
  | { say: 'hand'; member: MemberOf; order: boolean }
  | { say: 'floor'; member: MemberOf }
  | { say: 'waiting'; person: WaitingOf };

export function newsOf(before: MemberView | null, after: MemberView): News[] {
  const news: News[] = [];
  if (before?.lamp !== after.lamp) news.push({ say: 'lamp' });
  // That it does not hear is an alert in sight.
  if (unheardSince(before) !== null && after.unheard_since_ms === null && before?.part === after.part) {
    news.push({ say: 'heard' });
  }
  if (before) {
    // By name and seat: a leaf is given to another device once its holder has gone.
    const was = new Set(before.members.map(seat));
    const is = new Set(after.members.map(seat));
    for (const member of after.members) if (!member.me && !was.has(seat(member))) news.push({ say: 'joined', member });
    for (const member of before.members) if (!is.has(seat(member))) news.push({ say: 'gone', member });
  }
  for (const member of after.members) {
    const hand = handOf(after, member.leaf);
    if (member.me || hand === 'down' || (before && handOf(before, member.leaf) === hand)) continue;
    news.push({ say: 'hand', member, order: hand === 'point_of_order' });
  }
  const whispers = before?.whisper ?? 'off';
  if (after.whisper !== whispers && after.whisper !== 'turning') news.push({ say: 'whisper', on: after.whisper === 'on' });
  const speaker = speaking(after);
  const turn = after.floor.speaker?.began_at_ms;
  if (speaker && (before?.floor.speaker?.leaf !== speaker.leaf || before.floor.speaker.began_at_ms !== turn)) {
    news.push({ say: 'floor', member: speaker });
  }
  const known = new Set(before?.lobby.map(({ id }) => id));
  for (const person of after.lobby) if (!known.has(person.id)) news.push({ say: 'waiting', person });
  if (after.motion && after.motion.id !== before?.motion?.id && after.may.consent) {
    news.push({ say: 'motion', by: after.motion.by });
  }
  return news;
}

const seat = ({ delegation, name }: MemberOf): string => `${delegation} ${name}`;
