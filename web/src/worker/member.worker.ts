/** The member's worker: the socket, the cryptography and the way of every frame. The page never sees a key. */

import { nullable, type Decoder, parse, shape, text } from '../base/decode';
import { LastingSocket, socketUrl } from '../base/lasting-socket';
import { hold, lockOf } from '../keep/browser';
import { Keep } from '../keep/keep';
import type { MemberMessage } from '../protocol/MemberMessage';
import { Documents } from './documents';
import { isFinal } from './final';
import { nothingPasses, type Sealing } from './sealing';
import type { FromMember, Open, ToMember, Unreadable } from './messages';
import { Pump } from './pump';
import { rehearse } from './rehearsal';
import { scopeOf, serve } from './scope';
import { type Action, Member, readCharter, readLink, ready } from './seal';

/** How often slots that have fallen silent are looked for. */
const SWEEP_MS = 500;

/** How long the line stays up after the meeting is over, at the most: longer than the house waits for it. */
const COUNTERSIGN_MS_MAX = 5_000;

/** What a reload needs. */
interface Kept {
  fragment: string;
  name: string;
  /** From the member itself; opaque here. */
  saved: string | null;
}

const keptDecoder: Decoder<Kept> = shape<Kept>({ fragment: text, name: text, saved: nullable(text) });

/** Milliseconds since the Unix epoch, by a clock that only runs forward: whoever sets the wall clock back must not make a
 * silence look shorter. */
const now = (): number => performance.timeOrigin + performance.now();

const scope = scopeOf<ToMember, FromMember>(self);
const say = (message: FromMember): void => scope.postMessage(message);

let sealing: Sealing = nothingPasses;
const pump = new Pump(() => sealing, {
  occupied: (occupant) => say({ type: 'occupied', occupant }),
  broke: (why) => say({ type: 'broke', why }),
});
serve(scope, pump);
// Until then the browser drops what it encodes.
scope.addEventListener('rtctransform', ({ transformer }) => say({ type: 'attached', id: transformer.options.id }));
setInterval(() => pump.sweep(), SWEEP_MS);

let meeting = '';
let charter = '';
let kept: Kept = { fragment: '', name: '', saved: null };
let keep: Keep | undefined;
let release: (() => void) | null = null;
/** The rehearsal went wrong: nobody joins with this browser, whoever has asked to meanwhile. */
let unfit = false;
let member: Member | undefined;
let socket: LastingSocket | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
/** Runs when the meeting is over and its record is still to be countersigned. */
let ending: ReturnType<typeof setTimeout> | undefined;

const documents = new Documents({ member: () => member, step, say });

scope.addEventListener('message', ({ data }) => {
  switch (data.type) {
    case 'open':
      void open(data);
      return;
    case 'kept':
      keep?.kept(data);
      return;
    case 'read':
      void read(data.charter);
      return;
    case 'join':
      void join(data.name);
      return;
    case 'command':
      command(JSON.stringify(data.command));
      if (data.command.type === 'leave') end('for good');
      return;
    case 'offer':
      return documents.offer(data.key, data.file);
    case 'fetch':
      return documents.fetch(data.id);
    case 'withdraw':
      documents.delete(data.id);
      return command(JSON.stringify({ type: 'withdraw', document: data.id }));
    case 'desk':
      say({ type: 'desk', fragment: desk() ?? null });
      return;
    case 'count':
      say({ type: 'counted', question: data.question, tallies: pump.tallies() });
      return;
    default:
      data satisfies never;
  }
});

async function open(data: Open): Promise<void> {
  meeting = data.meeting;
  keep = new Keep(meeting, say);
  const before = await keep.open(data.sealed);
  if (before.is === 'elsewhere' && data.fragment === '') {
    return say({ type: 'opened', is: 'elsewhere', name: '', returning: false });
  }
  const known = before.is === 'here' ? readKept(before.text) : null;
  // A link that was opened anew counts more than what the tab remembers, unless it is the same one.
  if (known && (data.fragment === '' || data.fragment === known.fragment)) {
    kept = known;
  } else {
    kept = { fragment: data.fragment, name: '', saved: null };
    await keep.forget();
    if (kept.fragment !== '') await write();
  }
  const is = kept.fragment === '' ? 'no-link' : 'linked';
  say({ type: 'opened', is, name: kept.name, returning: kept.saved !== null });
}

function readKept(json: string): Kept | null {
  try {
    return parse(json, keptDecoder);
  } catch {
    return null;
  }
}

async function read(bytes: string): Promise<void> {
  charter = bytes;
  const unreadable = (what: Unreadable['what']) => (error: unknown) =>
    say({ type: 'unreadable', what, message: sentence(error) });
  try {
    await ready();
  } catch (error) {
    return unreadable('program')(error);
  }
  let known;
  try {
    known = readCharter(meeting, charter);
  } catch (error) {
    return unreadable('charter')(error);
  }
  try {
    const link = readLink(meeting, charter, kept.fragment);
    // Only to see whether it is one to join by; the member that joins is made with the person's name.
    device('?').free();
    say({ type: 'read', charter: known, link, taken: !(await take()) });
  } catch (error) {
    return unreadable('link')(error);
  }
  // Whoever comes back has joined with this browser before, and is waited for.
  if (kept.saved !== null) return;
  try {
    rehearse(now());
  } catch (error) {
    unfit = true;
    unreadable('program')(new Error(`A rehearsal of it failed: ${sentence(error)}`));
  }
}

const device = (name: string): Member =>
  new Member({ meeting, charter, fragment: kept.fragment, name, saved: kept.saved ?? undefined }, now());

/** One link, one tab: two would hold one device's key between them, or be one person twice. */
async function take(): Promise<boolean> {
  if (!('subtle' in crypto)) return true;
  release ??= await hold(await lockOf(meeting, kept.fragment));
  return release !== null;
}

async function join(name: string): Promise<void> {
  if (member || unfit) return;
  try {
    await ready();
    member = device(name);
  } catch (error) {
    return say({ type: 'unreadable', what: 'link', message: sentence(error) });
  }
  sealing = member;
  kept = { ...kept, name, saved: member.saved() };
  // Before the server hears of this device: a key that only this tab has must not be lost with a reload.
  await write();
  socket = new LastingSocket(socketUrl(`/api/meetings/${meeting}/member`, location), {
    up: () => {
      say({ type: 'socket', up: true });
      step((it, now) => it.connected(now));
    },
    text: (message) => step((it, now) => it.receive(message, now)),
    down: (how) => {
      if (ending !== undefined) return end('for good');
      say({ type: 'socket', up: false, how });
      step((it, now) => it.disconnected(now));
    },
  });
}

/** Also of somebody who has left: the page still holds what would be lost with it. */
function desk(): string | undefined {
  if (member) return member.desk();
  if (kept.saved === null) return undefined;
  const before = device(kept.name);
  const fragment = before.desk();
  before.free();
  return fragment;
}

function command(json: string): void {
  step((it, now) => {
    try {
      it.command(json, now);
    } catch (error) {
      say({ type: 'refused', message: sentence(error) });
    }
  });
}

/** One call to the member, everything it then asks for, and its next deadline. */
function step(call: (member: Member, now_ms: number) => void): void {
  if (!member) return;
  try {
    call(member, now());
    for (let action = member.poll(); action; action = member?.poll()) carryOut(action);
    save();
    const next = member?.nextTimeout();
    clearTimeout(timer);
    if (next !== undefined) {
      timer = setTimeout(() => step((it, now) => it.timeout(now)), Math.max(0, next - now()));
    }
  } catch (error) {
    // Whatever state the cryptography is in now, nothing leaves any more.
    sealing = nothingPasses;
    say({ type: 'broke', why: sentence(error) });
  }
}

function carryOut(action: Action): void {
  switch (action.type) {
    case 'send':
      return send(action.message);
    case 'view':
      say({ type: 'view', view: action.view });
      if (action.view.lamp === 'adjourned') over();
      return;
    case 'relay':
      return say(action);
    case 'media':
      return say({ type: 'media', ticket: action.ticket, fresh: action.fresh });
    case 'slots':
      // The keys of the frames say who is in a slot.
      return;
    case 'layers':
      return say({ type: 'layers', wanted: action.wanted });
    case 'chat':
      return say({ type: 'chat', message: action.message });
    case 'typed':
    case 'document':
      return say(action);
    case 'wish':
      return say({ type: 'wish', wish: action.wish });
    case 'call':
      return say({ type: 'call', call: action.call });
    case 'keyed':
      return say({ type: 'keyed' });
    case 'notice':
      return say({ type: 'refused', message: action.message });
    case 'reconnect':
      return socket?.again();
    case 'fatal':
      // It may be the house's word alone: for that no delegation loses its key.
      end(isFinal(action.code) && member?.desk() === undefined ? 'for good' : 'for now');
      return say({ type: 'fatal', code: action.code, message: action.message });
    default:
      action satisfies never;
  }
}

/**
 * The meeting is over: nothing is sealed any more, and nothing of it kept. The line stays up until the house closes it, or
 * for a few seconds: the end of the record is still to be countersigned.
 */
function over(): void {
  if (ending !== undefined) return;
  sealing = nothingPasses;
  void keep?.forget();
  ending = setTimeout(() => end('for good'), COUNTERSIGN_MS_MAX);
}

/**
 * Nothing comes after this: not a frame, not a message, not another attempt to connect. For good: nor is anything of it
 * kept in the browser. What this worker itself remembers is gone with the page.
 */
function end(until: 'for now' | 'for good'): void {
  sealing = nothingPasses;
  member = undefined;
  clearTimeout(timer);
  clearTimeout(ending);
  socket?.stop();
  release?.();
  release = null;
  if (until === 'for good') void keep?.forget();
}

function send(message: MemberMessage): void {
  socket?.send(JSON.stringify(message));
}

function save(): void {
  const saved = member?.saved();
  if (saved === undefined || saved === kept.saved) return;
  kept = { ...kept, saved };
  void write();
}

const write = async (): Promise<void> => keep?.write(JSON.stringify(kept));

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
