/** The worker of a delegation's desk: the socket and the delegation's key. The page gets no secret unasked. */

import { nullable, type Decoder, parse, shape, text } from '../base/decode';
import { LastingSocket, socketUrl } from '../base/lasting-socket';
import { Keep } from '../keep/keep';
import type { DeskView } from '../protocol/DeskView';
import { Desk, type DeskAction, texts } from './desk';
import type { DeskOf, Drafts, FromDesk, Open, ToDesk, Unreadable } from './messages';
import { scopeOf } from './scope';
import { markdown } from './markdown';
import { readCharter, readLink, ready } from './seal';

/** What a reload needs. */
interface Kept {
  /** The link as the person opened it. */
  opened: string;
  /** The desk's own, once there is one. */
  desk: string | null;
  /** What is being written. */
  drafts: Drafts | null;
}

const keptDecoder: Decoder<Kept> = shape<Kept>({
  opened: text,
  desk: nullable(text),
  drafts: nullable(shape<Drafts>({ readout: texts, joint: texts })),
});

const scope = scopeOf<ToDesk, FromDesk>(self);
const say = (message: FromDesk): void => scope.postMessage(message);

let meeting = '';
let charter = '';
let kept: Kept = { opened: '', desk: null, drafts: null };
let keep: Keep | undefined;
let desk: Desk | undefined;
let socket: LastingSocket | undefined;
let shown: DeskView | undefined;

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
    case 'start':
      void start();
      return;
    case 'command':
      command(data);
      return;
    case 'link':
      say({ type: 'link', question: data.question, fragment: linkOf(data.of) });
      return;
    case 'draft':
      kept = { ...kept, drafts: data.drafts };
      void write();
      return;
    case 'preview':
      // Without the module the text is shown as it is written.
      void markdown(data.source)
        .catch(() => [data.source])
        .then((pieces) => say({ type: 'previewed', question: data.question, pieces }));
      return;
    default:
      data satisfies never;
  }
});

async function open(data: Open): Promise<void> {
  meeting = data.meeting;
  keep = new Keep(meeting, say);
  const before = await keep.open(data.sealed);
  if (before.is === 'elsewhere' && data.fragment === '') return say({ type: 'opened', is: 'elsewhere' });
  const known = before.is === 'here' ? readKept(before.text) : null;
  // The delegation's link may be opened again in the tab that has made its key: then that is the desk.
  if (known && (data.fragment === '' || data.fragment === known.opened || data.fragment === known.desk)) {
    kept = known;
  } else {
    kept = { opened: data.fragment, desk: null, drafts: null };
    await keep.forget();
    if (kept.opened !== '') await write();
  }
  say({ type: 'opened', is: kept.opened === '' ? 'no-link' : 'linked' });
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
    const link = readLink(meeting, charter, kept.desk ?? kept.opened);
    say({ type: 'read', charter: known, link });
    // The desk's own link is the desk. A delegation's makes a key, and that only when the person says so.
    if (link.kind === 'desk') await start();
  } catch (error) {
    unreadable('link')(error);
  }
}

async function start(): Promise<void> {
  if (desk) return;
  try {
    desk = new Desk(meeting, charter, kept.desk ?? kept.opened, Date.now());
  } catch (error) {
    return say({ type: 'unreadable', what: 'link', message: sentence(error) });
  }
  kept = { ...kept, desk: desk.fragment() };
  // Before the server hears of this key: it is nowhere else, and must not be lost with a reload.
  await write();
  say({ type: 'started' });
  if (kept.drafts) say({ type: 'drafted', drafts: kept.drafts });
  socket = new LastingSocket(socketUrl(`/api/meetings/${meeting}/desk`, location), {
    up: () => say({ type: 'socket', up: true }),
    text: (message) => step((it) => it.receive(message)),
    down: (how) => {
      say({ type: 'socket', up: false, how });
      step((it) => it.disconnected());
    },
  });
}

function command({ command }: Extract<ToDesk, { type: 'command' }>): void {
  const before = new Set(shown?.letters.map(({ id }) => id));
  step((it) => {
    try {
      it.command(JSON.stringify(command), Date.now());
    } catch (error) {
      say({ type: 'refused', message: sentence(error) });
    }
  });
  const minted = shown?.letters.find(({ id }) => !before.has(id));
  if (command.type === 'mint' && minted) say({ type: 'minted', id: minted.id });
}

/** One call to the desk, and everything it then asks for. */
function step(call: (desk: Desk) => void): void {
  if (!desk) return;
  try {
    call(desk);
    for (let action = desk.poll(); action; action = desk?.poll()) carryOut(action);
  } catch (error) {
    end();
    say({ type: 'broke', why: sentence(error) });
  }
}

function carryOut(action: DeskAction): void {
  switch (action.type) {
    case 'send':
      return socket?.send(JSON.stringify(action.message));
    case 'view':
      shown = action.view;
      say({ type: 'view', view: withoutSecrets(action.view) });
      return;
    case 'notice':
      return say({ type: 'refused', message: action.message });
    case 'fatal':
      // The house's word: for that no delegation loses its key. What is kept is gone with the tab.
      end();
      return say({ type: 'fatal', code: action.code, message: action.message });
    default:
      action satisfies never;
  }
}

const withoutSecrets = (view: DeskView): DeskOf => ({
  ...view,
  letters: view.letters.map(({ fragment, ...letter }) => ({ ...letter, linked: fragment !== null })),
});

function linkOf(letter: string | null): string | null {
  if (letter === null) return kept.desk;
  return shown?.letters.find(({ id }) => id === letter)?.fragment ?? null;
}

/** Nothing comes after this. */
function end(): void {
  desk = undefined;
  socket?.stop();
}

const write = async (): Promise<void> => keep?.write(JSON.stringify(kept));

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
