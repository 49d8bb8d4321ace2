/** What a viewer is told of a picture and its sound: whether it is what was sent. */

import type { PublicPerson } from '../protocol/PublicPerson';
import type { Shown } from '../worker/seal';

/**
 * Of what is known of one sender's streams. A signature by somebody else than the person whose name stands there vouches
 * for nothing: the names are the house's word, the letter's is the delegation's.
 */
export function proofOf(
  streams: readonly Shown[],
  person: Pick<PublicPerson, 'name' | 'delegation'> | undefined,
): Shown['verdict'] {
  const signed = streams.filter(({ name }) => name !== null);
  const another = signed.some(({ name, delegation }) => name !== person?.name || delegation !== person?.delegation);
  if (another || streams.some(({ verdict }) => verdict === 'gap')) return 'gap';
  return signed.some(({ verdict }) => verdict === 'verified') ? 'verified' : 'unknown';
}
