/** A member of the real cryptography, alone in its meeting, with the keys of a closed part. */

import { devices } from '../../src/worker/rehearsal';
import { type Member, ready } from '../../src/worker/seal';

/** Resolves with a member that may send. */
export async function alone(): Promise<Member> {
  await ready();
  const [device] = devices(Date.now());
  device.found();
  return device.member;
}
