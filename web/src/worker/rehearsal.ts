/**
 * Two devices meet in a meeting that exists nowhere but here, and hear and see one another.
 *
 * It tries this browser's cryptography before anybody relies on it: random numbers, signatures, the group's key agreement
 * (RFC 9420), the sealing of frames (RFC 9605). And browsers compile WebAssembly only as it first runs: whoever has
 * rehearsed while they looked at their own picture waits a tenth of a second less when they join.
 */

import type { MemberMessage } from '../protocol/MemberMessage';
import type { ServerMessage } from '../protocol/ServerMessage';
import { type Charter, convene, Member } from './seal';
import type { KindNumber } from './sealing';

const DRAFT: Charter = {
  title: 'Rehearsal',
  languages: [],
  delegations: [{ name: 'A' }, { name: 'B' }],
  agenda: [{ title: 'Rehearsal', public: false, ground: 'Rehearsal' }],
  opening_chair: null,
  closing_chair: null,
  reports: false,
  pauses: false,
};

/** Anything at all: as long as a sound, and as a small picture. */
const FRAMES: readonly [KindNumber, number][] = [
  [0, 80],
  [1, 1_200],
];

/** Throws where anything is not as it must be. */
export function rehearse(now_ms: number): void {
  const [host, guest] = devices(now_ms);
  try {
    const invited = guest.said('knock');
    host.found();
    host.hear({ type: 'register', claims: [claimOf(guest.said('hello').credential)], revocations: [] });
    host.hear({ type: 'knock', key_package: invited.key_package });
    const { position, commit, welcome } = host.said('commit');
    host.hear({ type: 'commit', position, commit });
    if (welcome === null) throw new Error('Nobody was let into the rehearsal.');
    guest.hear({ type: 'joined', welcome, warrant: null });
    guest.hearItself();
    for (const [kind, length] of FRAMES) {
      guest.shows(host, kind, length);
      host.shows(guest, kind, length);
    }
  } finally {
    host.member.free();
    guest.member.free();
  }
}

/** Of two delegations; neither is in the group yet. */
export function devices(now_ms: number): [Device, Device] {
  const { meeting, charter, delegations } = convene(DRAFT, now_ms);
  const [host, guest] = delegations.map(({ fragment }) => new Device(meeting, charter, fragment, now_ms));
  if (!host || !guest) throw new Error('Nobody came to the rehearsal.');
  return [host, guest];
}

/** What a credential begins with (protocol §5): the meeting, the delegation, its key, and the signature of its slot. */
function claimOf(credential: string): string {
  const bytes = atob(credential.replaceAll('-', '+').replaceAll('_', '/'));
  const claim = btoa(bytes.slice(0, 32 + 2 + 32 + 64));
  return claim.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** A device, and what it says to a house that is not there. */
class Device {
  readonly member: Member;
  readonly #now: number;
  readonly #said: MemberMessage[] = [];

  constructor(meeting: string, charter: string, fragment: string, now_ms: number) {
    this.#now = now_ms;
    this.member = new Member({ meeting, charter, fragment, name: 'Rehearsal', saved: undefined }, now_ms);
    this.member.connected(now_ms);
    this.hear({ type: 'challenge', nonce: charter.slice(0, 32), instance: '', charter });
    this.said('hello');
    this.hear({ type: 'here', ticket: '', resumed: false, waits: false, state: stateOf(meeting) });
  }

  hear(message: ServerMessage): void {
    this.member.receive(JSON.stringify(message), this.#now);
    for (let action = this.member.poll(); action; action = this.member.poll()) {
      if (action.type === 'send') this.#said.push(action.message);
      if (action.type === 'fatal') throw new Error(action.message);
    }
  }

  /** Founds the group, and is alone in it. */
  found(): void {
    this.said('knock');
    this.hear({ type: 'found', founding: 1, part: 1, item: 0 });
    this.said('founded');
    this.hearItself();
  }

  /** By its own heartbeat a device knows that it has missed nothing. */
  hearItself(): void {
    this.hear({ type: 'statement', number: null, statement: this.said('statement').statement });
  }

  said<Kind extends MemberMessage['type']>(kind: Kind): Extract<MemberMessage, { type: Kind }> {
    const is = (message: MemberMessage): message is Extract<MemberMessage, { type: Kind }> => message.type === kind;
    const found = this.#said.find(is);
    if (!found) throw new Error(`At the rehearsal, “${kind}” was not said.`);
    return found;
  }

  /** What this device seals, the other one opens, and it is the same. */
  shows(other: Device, kind: KindNumber, length: number): void {
    const frame = Uint8Array.from({ length }, (_, at) => at);
    const sealed = this.member.seal(kind, frame.slice());
    const opened = sealed && other.member.open(kind, sealed.slice());
    const same = opened?.data.length === length && opened.data.every((byte, at) => byte === frame[at]);
    const hidden = sealed?.subarray(1).join() !== frame.subarray(1).join();
    if (!same || !hidden) throw new Error('What was sealed at the rehearsal did not open.');
  }
}

const stateOf = (meeting: string): Extract<ServerMessage, { type: 'here' }>['state'] => ({
  meeting,
  title: DRAFT.title,
  delegations: [],
  agenda: [],
  phase: 'convened',
  part: 0,
  item: null,
  since_ms: 0,
  convened_at_ms: 0,
  started_at_ms: null,
  adjourned_at_ms: null,
  parts: [],
  present: [],
  attended: [],
  announcements: [],
  published: 0,
  reports: false,
  pauses: false,
  unheard_since_ms: null,
  from_house: null,
});
