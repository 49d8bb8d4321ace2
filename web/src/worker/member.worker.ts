/** The member's worker: the socket, the cryptography and the way of every frame. The page never sees a key. */

import { LastingSocket, socketUrl } from '../base/lasting-socket';
import type { MemberMessage } from '../protocol/MemberMessage';
import { nothingPasses, type Sealing } from './sealing';
import type { FromMember, ToMember } from './messages';
import { Pump } from './pump';
import { scopeOf, serve } from './scope';
import { type Action, Member, ready, readCharter, type Seat } from './seal';

/** How often slots that have fallen silent are looked for. */
const SWEEP_MS = 500;

const scope = scopeOf<ToMember, FromMember>(self);
const say = (message: FromMember): void => scope.postMessage(message);

let sealing: Sealing = nothingPasses;
const pump = new Pump(() => sealing, {
  occupied: (occupant) => say({ type: 'occupied', occupant }),
  broke: (why) => say({ type: 'broke', why }),
});
serve(scope, pump);
setInterval(() => pump.sweep(), SWEEP_MS);

let member: Member | undefined;
let socket: LastingSocket | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let lastSaved = '';

scope.addEventListener('message', ({ data }) => {
  switch (data.type) {
    case 'read':
      void read(data);
      return;
    case 'join':
      void join(data.seat);
      return;
    case 'command':
      command(JSON.stringify(data.command));
      return;
    case 'count':
      say({ type: 'counted', question: data.question, tallies: pump.tallies() });
      return;
    default:
      data satisfies never;
  }
});

async function read({ meeting, charter, fragment, saved }: Extract<ToMember, { type: 'read' }>): Promise<void> {
  const unreadable = (what: Extract<FromMember, { type: 'unreadable' }>['what']) => (error: unknown) =>
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
    // Only to see whose link this is; the member that joins is made with the person's name.
    const probe = new Member({ meeting, charter, fragment, name: '?', saved }, Date.now());
    const delegation = probe.delegation();
    probe.free();
    say({ type: 'read', charter: known, delegation });
  } catch (error) {
    unreadable('link')(error);
  }
}

async function join(seat: Seat): Promise<void> {
  if (member) return;
  try {
    await ready();
    member = new Member(seat, Date.now());
  } catch (error) {
    return say({ type: 'unreadable', what: 'link', message: sentence(error) });
  }
  sealing = member;
  save();
  socket = new LastingSocket(socketUrl(`/api/meetings/${seat.meeting}/member`, location), {
    up: () => {
      say({ type: 'socket', up: true });
      step((it, now) => it.connected(now));
    },
    text: (message) => step((it, now) => it.receive(message, now)),
    down: () => {
      say({ type: 'socket', up: false });
      step((it, now) => it.disconnected(now));
    },
  });
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
    call(member, Date.now());
    for (let action = member.poll(); action; action = member?.poll()) carryOut(action);
    save();
    const next = member?.nextTimeout();
    clearTimeout(timer);
    if (next !== undefined) {
      timer = setTimeout(() => step((it, now) => it.timeout(now)), Math.max(0, next - Date.now()));
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
      if (action.view.lamp === 'adjourned') end();
      return;
    case 'media':
      return say({ type: 'media', ticket: action.ticket, fresh: action.fresh });
    case 'slots':
      // The keys of the frames say who is in a slot.
      return;
    case 'keyed':
      return say({ type: 'keyed' });
    case 'notice':
      return say({ type: 'refused', message: action.message });
    case 'reconnect':
      return socket?.again();
    case 'fatal':
      end();
      return say({ type: 'fatal', code: action.code, message: action.message });
    default:
      action satisfies never;
  }
}

/** Nothing comes after this: not a frame, not a message, not another attempt to connect. */
function end(): void {
  sealing = nothingPasses;
  member = undefined;
  socket?.stop();
}

function send(message: MemberMessage): void {
  socket?.send(JSON.stringify(message));
}

function save(): void {
  const saved = member?.saved() ?? '';
  if (saved === lastSaved) return;
  lastSaved = saved;
  say({ type: 'saved', saved });
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
