/** Fetches the record of a meeting and checks it by the rules of `incamera verify`. A worker: a long record takes seconds. */

import init, { Verifier, type Wanted } from '../wasm/record.js';
import type { FromVerifier, ToVerifier } from './messages';
import { scopeOf } from './scope';

/** As many as a browser has connections to one house over HTTP/1.1. */
const AT_A_TIME = 6;

const scope = scopeOf<ToVerifier, FromVerifier>(self);
const say = (message: FromVerifier): void => scope.postMessage(message);

scope.addEventListener('message', ({ data }) => {
  check(data.meeting).then(
    (report) => say({ type: 'report', report }),
    (error: unknown) => say({ type: 'failed', why: error instanceof Error ? error.message : String(error) }),
  );
});

async function check(meeting: string): Promise<string> {
  await init();
  const verifier = new Verifier(meeting);
  let fetched = 0;
  const underWay = new Set<Promise<void>>();
  const fetchOne = async ({ ticket, path, bytes_max }: Wanted): Promise<void> => {
    verifier.take(ticket, await bytesOf(path, bytes_max));
    say({ type: 'fetched', files: (fetched += 1) });
  };
  for (;;) {
    const wanted = underWay.size < AT_A_TIME ? verifier.wanted() : undefined;
    if (!wanted && underWay.size === 0) return verifier.report();
    if (wanted) {
      const going: Promise<void> = fetchOne(wanted).finally(() => underWay.delete(going));
      underWay.add(going);
    } else {
      await Promise.race(underWay);
    }
  }
}

async function bytesOf(path: string, bytesMax: number): Promise<Uint8Array> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  // Never more in memory than may come, whatever the house sends.
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = answer.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    length += part.value.length;
    if (length > bytesMax) {
      await reader?.cancel();
      throw new Error(`${path}: ${length} B`);
    }
    parts.push(part.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
