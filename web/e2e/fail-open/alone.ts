/** A member of the real cryptography, alone in its meeting, with the keys of a closed part. */

import { convene, Member, ready } from '../../src/worker/seal';

/** What a server says to the first member; nothing of it is believed, so nothing of it needs to be true. */
const said = (charter: string): unknown[] => [
  { type: 'challenge', nonce: 'A'.repeat(43), instance: 'AAAA', charter },
  {
    type: 'here',
    ticket: 'none',
    resumed: false,
    waits: false,
    state: {
      meeting: 'A'.repeat(43),
      title: '',
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
      announcements: [],
      published: 0,
      reports: false,
      pauses: false,
      attended: [],
      unheard_since_ms: null,
      from_house: null,
    },
  },
  { type: 'found', founding: 1, part: 1, item: 0 },
];

/** Resolves with a member that may send. */
export async function alone(): Promise<Member> {
  await ready();
  const now = Date.now();
  const item = { title: 'Item', public: false, ground: 'Ground' };
  const { meeting, charter, delegations } = convene(
    {
      title: 'Alone',
      languages: ['en'],
      delegations: [{ name: 'A' }, { name: 'B' }],
      agenda: [item],
      opening_chair: null,
      closing_chair: null,
      reports: false,
      pauses: false,
    },
    now,
  );
  const fragment = delegations[0]?.fragment ?? '';
  const member = new Member({ meeting, charter, fragment, name: 'Ana', saved: undefined }, now);
  member.connected(now);
  let keyed = false;
  const echoes: unknown[] = [];
  const drain = (): void => {
    for (let action = member.poll(); action; action = member.poll()) {
      if (action.type === 'keyed') keyed = true;
      // The server gives every statement back, to its sender too.
      if (action.type === 'send' && action.message.type === 'statement') {
        echoes.push({ ...action.message, number: null });
      }
    }
  };
  for (const message of said(charter)) {
    member.receive(JSON.stringify(message), now);
    drain();
  }
  for (let message = echoes.shift(); message; message = echoes.shift()) {
    member.receive(JSON.stringify(message), now);
    drain();
  }
  if (!keyed) throw new Error('alone and not keyed');
  return member;
}
