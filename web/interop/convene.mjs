// Convenes a meeting at a house: the charter (docs/protocol.md §3), the links (§4) and the POST (§13).

import { randomBytes } from 'node:crypto';
import { signCharter } from './charter.mjs';
import { toBase64url } from './codec.mjs';
import { delegationFragment } from './credential.mjs';
import { KeyPair } from './keys.mjs';

const anybody = { chair: null };

/** `convene` is the link that the house prints. Gives the meeting id and a fragment for each delegation. */
export async function convene(convene, { delegations = ['Alpha', 'Beta'], opening = anybody, closing = anybody, reports = false, pauses = false, nowMs = Date.now() } = {}) {
  const slots = delegations.map((name) => ({ name, pair: KeyPair.fresh() }));
  const meetingSecret = randomBytes(32);
  const charter = {
    nonce: randomBytes(16), convenedAtMs: BigInt(nowMs), title: 'Interoperation', languages: ['en'],
    delegations: slots.map(({ name, pair }) => ({ name, key: pair.public })),
    agenda: [{ title: 'Opening words', public: true, ground: '' }, { title: 'Talks', public: false, ground: 'Foreign relations' }],
    opening, closing, reports, pauses,
  };
  const { bytes, id } = signCharter(charter, KeyPair.fresh());
  const url = new URL(convene);
  const answer = await fetch(`${url.origin}/api/meetings`, {
    method: 'POST', headers: { authorization: `Bearer ${url.hash.slice(1)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ charter: toBase64url(bytes) }),
  });
  if (answer.status !== 201) throw new Error(`not convened: ${answer.status} ${await answer.text()}`);
  const meeting = toBase64url(id);
  return {
    house: url.origin, meeting, charter: bytes, id,
    fragments: slots.map(({ pair }, delegation) => delegationFragment({ delegation, slotSeed: pair.seed, meetingSecret })),
  };
}
