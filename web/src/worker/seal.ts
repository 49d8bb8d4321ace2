/** The WebAssembly of `crates/seal-wasm`, with types. Only this module and `desk.ts` import what the build generates. */

import init, * as wasm from '../wasm/seal.js';
import { type Decoder, list, nullable, flag, number, oneOf, parse, shape, tagged, text } from '../base/decode';
import { relay } from '../base/wire';
import type { BoothsOf } from '../protocol/BoothsOf';
import type { CallOf } from '../protocol/CallOf';
import type { ChatOf } from '../protocol/ChatOf';
import type { DocumentOf } from '../protocol/DocumentOf';
import type { Disclosure } from '../protocol/Disclosure';
import type { FloorOf } from '../protocol/FloorOf';
import type { MemberMessage } from '../protocol/MemberMessage';
import type { MemberView } from '../protocol/MemberView';
import type { Relay } from '../protocol/Relay';
import type { WaitingOf } from '../protocol/WaitingOf';
import type { TypedOf } from '../protocol/TypedOf';
import type { WishOf } from '../protocol/WishOf';
import type { KindNumber, OpenedFrame, Sealing, StreamNumber } from './sealing';

/** Resolves when the WebAssembly is there, from the house or as given. Nothing else here may be used before. */
export const ready = (program?: BufferSource): Promise<unknown> => init(program && { module_or_path: program });

/** What the founding document of a meeting says. */
export interface Charter {
  title: string;
  languages: string[];
  delegations: { name: string }[];
  agenda: { title: string; public: boolean; ground: string }[];
  /** Index of the delegation that opens alone; `null`: all delegations present agree. */
  opening_chair: number | null;
  /** Index of the delegation that closes alone; `null`: any principal closes. */
  closing_chair: number | null;
  /** It is adjourned in public and nowhere else. */
  reports: boolean;
  /** While the public cannot hear an open part, nothing is sent in it. */
  pauses: boolean;
}

const charter: Decoder<Charter> = shape<Charter>({
  title: text,
  languages: list(text),
  delegations: list(shape({ name: text })),
  agenda: list(shape({ title: text, public: flag, ground: text })),
  opening_chair: nullable(number),
  closing_chair: nullable(number),
  reports: flag,
  pauses: flag,
});

/** What is announced: `Plan` of `crates/meeting`. */
export interface Plan {
  starts_at_ms: number;
  /** 0: not said. */
  minutes: number;
  place: string;
  /** 0: at once. */
  public_from_ms: number;
}

export interface Founded {
  meeting: string;
  charter: string;
  /** Signed by the convener, if anything is announced. */
  announcement: string | null;
  /** What stands after the `#` of the convener's own link. Secret. */
  convener: string;
  delegations: { name: string; fragment: string }[];
}

const founded: Decoder<Founded> = shape<Founded>({
  meeting: text,
  charter: text,
  announcement: nullable(text),
  convener: text,
  delegations: list(shape({ name: text, fragment: text })),
});

/** Makes the charter and its secrets, in this browser. */
export const convene = (draft: Charter, now_ms: number, plan: Plan | null = null): Founded =>
  parse(wasm.convene(JSON.stringify({ ...draft, plan }), now_ms), founded);

/** Signs the next version of the announcement with the convener's link; `announced` are those before, as the server has them. */
export const announce = (
  meeting: string,
  charter: string,
  fragment: string,
  announced: readonly string[],
  plan: Plan,
  now_ms: number,
): string => wasm.announce(meeting, charter, fragment, JSON.stringify(announced), JSON.stringify(plan), now_ms);

/** Reads a charter; throws when it is not the one whose hash is the meeting's id. */
export const readCharter = (meeting: string, bytes: string): Charter => parse(wasm.read_charter(meeting, bytes), charter);

/** What a link is good for. */
export type LinkOf =
  | { kind: 'delegation' | 'desk'; delegation: number }
  | {
      kind: 'letter';
      delegation: number;
      name: string;
      role: string;
      not_after_ms: number;
      /** Its holder waits to be let in. */
      ask: boolean;
    };

const linkOf: Decoder<LinkOf> = (value) => {
  const { kind } = shape({ kind: oneOf('delegation', 'letter', 'desk') })(value);
  const { delegation } = shape({ delegation: number })(value);
  if (kind !== 'letter') return { kind, delegation };
  return { kind, delegation, ...shape({ name: text, role: text, not_after_ms: number, ask: flag })(value) };
};

/** Reads a link; throws, with a sentence, when it is none of this meeting. */
export const readLink = (meeting: string, bytes: string, fragment: string): LinkOf =>
  parse(wasm.read_link(meeting, bytes, fragment), linkOf);

export const waitingOf: Decoder<WaitingOf> = shape<WaitingOf>({
  id: text,
  name: text,
  delegation: number,
  role: text,
  instead: flag,
});

const floorOf: Decoder<FloorOf> = shape<FloorOf>({
  speaker: nullable(shape({ leaf: number, began_at_ms: number, seconds: number })),
  queue: list(shape({ leaf: number, hand: oneOf('down', 'up', 'point_of_order') })),
  give: flag,
  ask: flag,
});

const boothsOf: Decoder<BoothsOf> = shape<BoothsOf>({
  may: flag,
  attends: flag,
  listens: nullable(number),
  sits: nullable(number),
  on_air: flag,
  channels: list(
    shape({
      language: text,
      voice: nullable(number),
      since_ms: nullable(number),
      relays: nullable(number),
      sitters: list(shape({ leaf: number, hears: nullable(number), wants: flag })),
      listeners: nullable(number),
    }),
  ),
});

const view: Decoder<MemberView> = shape<MemberView>({
  lamp: oneOf('waiting', 'closed', 'closing', 'open', 'held', 'adjourned'),
  reason: nullable(text),
  unheard_since_ms: nullable(number),
  report_due: flag,
  part: number,
  item: nullable(number),
  members: list(
    shape({
      leaf: number,
      name: text,
      delegation: number,
      role: text,
      confirmed: flag,
      connected: flag,
      me: flag,
    }),
  ),
  motion: nullable(
    shape({
      id: text,
      kind: oneOf('open', 'close', 'adjourn'),
      item: number,
      by: text,
      consents: list(number),
      missing: list(number),
      appears: flag,
      lapses_at_ms: number,
    }),
  ),
  may: shape({ open: flag, close: flag, consent: flag, adjourn: flag, appear: flag, admit: flag }),
  code: list(text),
  words: list(text),
  fingerprints: list(nullable(list(text))),
  floor: floorOf,
  booths: boothsOf,
  whisper: oneOf('off', 'turning', 'on'),
  lobby: list(waitingOf),
  waits: flag,
  record: nullable(text),
  sending: flag,
});

const chatOf: Decoder<ChatOf> = shape<ChatOf>({
  id: text,
  name: text,
  delegation: number,
  me: flag,
  part: number,
  open: flag,
  booth: nullable(number),
  attends: flag,
  aside: flag,
  text,
  delivery: oneOf('waiting', 'passed', 'lost'),
  missing: number,
});

const typedOf: Decoder<TypedOf> = shape<TypedOf>({ id: text, name: text, delegation: number, text });

const documentOf: Decoder<DocumentOf> = shape<DocumentOf>({
  id: text,
  name: text,
  delegation: number,
  me: flag,
  part: number,
  open: flag,
  file: text,
  media_type: text,
  size: number,
  state: oneOf('waiting', 'offered', 'withdrawn', 'lost'),
});

const callOf: Decoder<CallOf> = shape<CallOf>({ name: text, booth: number, what: oneOf('slower', 'help', 'seen') });

const wishOf: Decoder<WishOf> = shape<WishOf>({ name: text, delegation: number, mute: flag });

/** What the member asks of the worker around it. */
export type Action =
  | { type: 'send'; message: MemberMessage }
  | { type: 'view'; view: MemberView }
  /** For connections made from now on. */
  | { type: 'relay'; relay: Relay }
  /** Post an offer with the ticket; `fresh`: over a new peer connection. */
  | { type: 'media'; ticket: string; fresh: boolean }
  | { type: 'slots' }
  /** Which layers of the camera anybody is shown, as far as the server says. */
  | { type: 'layers'; wanted: boolean[] }
  /** Somebody has written to all members, or what this person wrote has come further. */
  | { type: 'chat'; message: ChatOf }
  /** Somebody is typing, has typed more, or is typing no longer. */
  | { type: 'typed'; line: TypedOf }
  /** A document is offered, or it stands otherwise with one than before. */
  | { type: 'document'; document: DocumentOf }
  /** Somebody asks for this person's microphone to be turned off or on. */
  | { type: 'wish'; wish: WishOf }
  /** An interpreter calls out. */
  | { type: 'call'; call: CallOf }
  /** Sending may start. */
  | { type: 'keyed' }
  /** Something was refused, for the person to know. */
  | { type: 'notice'; message: string }
  /** Messages are missing: close the socket and connect again. */
  | { type: 'reconnect' }
  | { type: 'fatal'; code: string; message: string };

/** Goes back to the server as it is; our own WebAssembly made it. */
const ownMessage = (value: unknown): MemberMessage => value as MemberMessage;

const action: Decoder<Action> = tagged<Action>({
  send: shape({ message: ownMessage }),
  view: shape({ view }),
  relay: shape({ relay }),
  media: shape({ ticket: text, fresh: flag }),
  slots: shape({}),
  layers: shape({ wanted: list(flag) }),
  chat: shape({ message: chatOf }),
  typed: shape({ line: typedOf }),
  document: shape({ document: documentOf }),
  wish: shape({ wish: wishOf }),
  call: shape({ call: callOf }),
  keyed: shape({}),
  notice: shape({ message: text }),
  reconnect: shape({}),
  fatal: shape({ code: text, message: text }),
});

export interface Seat {
  meeting: string;
  charter: string;
  fragment: string;
  name: string;
  saved: string | undefined;
}

/** A member's device: group, keys, rules. */
export class Member implements Sealing {
  readonly #inner: wasm.Member;
  /** The channel that is listened to. */
  #listens: number | null = null;

  /** Throws, with a sentence, when the link does not belong to the meeting. */
  constructor(seat: Seat, now_ms: number) {
    this.#inner = new wasm.Member(seat.meeting, seat.charter, seat.fragment, seat.name, seat.saved, now_ms);
  }

  delegation(): number {
    return this.#inner.delegation();
  }
  saved(): string {
    return this.#inner.saved();
  }
  /** Secret: what stands after the `#` of the link of the delegation's desk, if this device holds its key. */
  desk(): string | undefined {
    return this.#inner.desk();
  }
  connected(now_ms: number): void {
    this.#inner.connected(now_ms);
  }
  disconnected(now_ms: number): void {
    this.#inner.disconnected(now_ms);
  }
  receive(message: string, now_ms: number): void {
    this.#inner.receive(message, now_ms);
  }
  /** Throws, with a sentence, when the rules refuse it. */
  command(json: string, now_ms: number): void {
    this.#inner.command(json, now_ms);
  }
  timeout(now_ms: number): void {
    this.#inner.timeout(now_ms);
  }
  nextTimeout(): number | undefined {
    return this.#inner.next_timeout();
  }

  /** The next thing to do, until there is none. To be drained after every call. */
  poll(): Action | undefined {
    const json = this.#inner.poll();
    const next = json === undefined ? undefined : parse(json, action);
    if (next?.type === 'view') this.#listens = next.view.booths.listens;
    return next;
  }

  seal(stream: StreamNumber, frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
    return own(this.#inner.seal(stream, frame));
  }

  open(kind: KindNumber, frame: Uint8Array<ArrayBuffer>): OpenedFrame | undefined {
    return taken(this.#inner.open(kind, frame));
  }

  /** What is listened to has the slot to itself; the floor has it while nothing is. */
  openChannel(frame: Uint8Array<ArrayBuffer>): OpenedFrame | undefined {
    if (this.#listens === null) return this.open(0, frame);
    return taken(this.#inner.open_channel(this.#listens, frame));
  }

  /** Begins to seal a file; throws, with a sentence, when it may not be offered. */
  sealDocument(name: string, mediaType: string, size: number): DocumentSealing {
    return new DocumentSealing(this.#inner.seal_document(name, mediaType, size));
  }

  /** Offers what is sealed and lies at the house. Uses the sealing up. */
  offerDocument(sealing: DocumentSealing, id: string, now_ms: number): void {
    this.#inner.offer_document(sealing.inner, id, now_ms);
  }

  /** Begins to open a document; throws, with a sentence, when this device has no key to it. */
  openDocument(id: string): DocumentOpening {
    return new DocumentOpening(this.#inner.open_document(id));
  }

  ticket(): string | undefined {
    return this.#inner.ticket();
  }

  free(): void {
    this.#inner.free();
  }
}

/** A file that is being sealed. */
export class DocumentSealing {
  readonly inner: wasm.DocumentSealing;
  constructor(inner: wasm.DocumentSealing) {
    this.inner = inner;
  }
  /** The next 64 KiB, or what is left. */
  chunk(plain: Uint8Array): Uint8Array<ArrayBuffer> {
    return copied(this.inner.chunk(plain));
  }
}

/** A document that is being opened. */
export class DocumentOpening {
  readonly #inner: wasm.DocumentOpening;
  constructor(inner: wasm.DocumentOpening) {
    this.#inner = inner;
  }
  /** Under which the house keeps it. */
  id(): string {
    return this.#inner.id();
  }
  sealedBytes(): number {
    return this.#inner.sealed_bytes();
  }
  /** How many bytes the next chunk has as it was sealed; 0: all are there. */
  nextBytes(): number {
    return this.#inner.next_bytes();
  }
  /** For nobody's eyes before `end`. Throws when it is not what was offered. */
  chunk(sealed: Uint8Array): Uint8Array<ArrayBuffer> {
    return copied(this.#inner.chunk(sealed));
  }
  /** Throws unless all of it was what was offered. The media type of the picture that it is, if it is one. */
  end(): string | null {
    return this.#inner.end() ?? null;
  }
  free(): void {
    this.#inner.free();
  }
}

/** What is to be said of one stream of one sender. */
export interface Shown {
  leaf: number;
  stream: 'microphone' | 'camera' | 'screen';
  verdict: 'unknown' | 'verified' | 'gap';
  /** Whose signature says so, as their letter names them. */
  name: string | null;
  delegation: number | null;
}

const shown: Decoder<Shown> = shape<Shown>({
  leaf: number,
  stream: oneOf('microphone', 'camera', 'screen'),
  verdict: oneOf('unknown', 'verified', 'gap'),
  name: nullable(text),
  delegation: nullable(number),
});

/** The public's opener: holds disclosed keys and nothing else. */
export class Gallery implements Sealing {
  readonly #inner = new wasm.Gallery();
  #listens = false;

  /** A language channel, or the floor alone. */
  listen(channel: number | null): void {
    this.#listens = channel !== null;
  }

  disclose(keys: readonly Disclosure[]): void {
    this.#inner.disclose(JSON.stringify(keys));
  }

  /** The part is over: its keys go. */
  forget(): void {
    this.#inner.forget();
  }

  /** From which charter on signatures count; throws when it is not this meeting's. */
  trust(meeting: string, charter: string): void {
    this.#inner.trust(meeting, charter);
  }

  /** A chain that does not lead back to the charter is passed over. */
  signer(credential: string): void {
    this.#inner.signer(credential);
  }

  /** What somebody has signed for. */
  digest(digest: string): void {
    this.#inner.digest(digest);
  }

  /** What is to be said of each stream now. */
  look(now_ms: number): Shown[] {
    return parse(this.#inner.look(now_ms), list(shown));
  }

  /** The public sends nothing. */
  seal(): undefined {
    return undefined;
  }

  open(kind: KindNumber, frame: Uint8Array<ArrayBuffer>): OpenedFrame | undefined {
    return taken(this.#inner.open(kind, frame));
  }

  openChannel(frame: Uint8Array<ArrayBuffer>): OpenedFrame | undefined {
    return this.#listens ? taken(this.#inner.open_channel(frame)) : this.open(0, frame);
  }
}

const streams = [0, 1, 2, 3] as const;

function taken(opened: wasm.Opened | undefined): OpenedFrame | undefined {
  if (!opened) return undefined;
  const data = own(opened.frame());
  const stream = streams.find((number) => number === opened.stream);
  const frame = data && stream !== undefined ? { leaf: opened.leaf, stream, open: opened.is_open, data } : undefined;
  opened.free();
  return frame;
}

/** What comes out of WebAssembly is a copy with a buffer of its own; its type does not say so. */
function own(bytes: Uint8Array | undefined): Uint8Array<ArrayBuffer> | undefined {
  return bytes && copied(bytes);
}

function copied(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.buffer instanceof ArrayBuffer ? bytes.buffer : bytes.slice().buffer);
}
