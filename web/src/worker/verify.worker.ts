/** Fetches the record of a meeting and checks it by the rules of `incamera verify`. A worker: a long record takes seconds. */

import init, { Verifier, type Verified, type Wanted } from '../wasm/record.js';
import type { FromVerifier, ToVerifier } from './messages';
import { scopeOf } from './scope';

/** As many as a browser has connections to one house over HTTP/1.1. */
const AT_A_TIME = 6;
/** The house has no such file. */
const NOT_FOUND = 404;

const scope = scopeOf<ToVerifier, FromVerifier>(self);
const say = (message: FromVerifier): void => scope.postMessage(message);

scope.addEventListener('message', ({ data }) => {
  check(data).then(
    (report) => say({ type: 'report', report }),
    (error: unknown) => say({ type: 'failed', why: error instanceof Error ? error.message : String(error) }),
  );
});

async function check({ meeting, recordings }: ToVerifier): Promise<string> {
  await init();
  const verified = await checkRecord(meeting);
  if (!recordings) return verified.report();
  await checkRecordings(verified);
  return verified.finish();
}

async function checkRecord(meeting: string): Promise<Verified> {
  const verifier = new Verifier(meeting);
  let fetched = 0;
  const underWay = new Set<Promise<void>>();
  const fetchOne = async ({ ticket, path, bytes_max }: Wanted): Promise<void> => {
    verifier.take(ticket, await bytesOf(path, bytes_max));
    say({ type: 'fetched', files: (fetched += 1) });
  };
  for (;;) {
    const wanted = underWay.size < AT_A_TIME ? verifier.wanted() : undefined;
    if (!wanted && underWay.size === 0) return verifier.check();
    if (wanted) {
      const going: Promise<void> = fetchOne(wanted).finally(() => underWay.delete(going));
      underWay.add(going);
    } else {
      await Promise.race(underWay);
    }
  }
}

/** One after another, and each handed on as it comes: they may be larger than any memory. */
async function checkRecordings(verified: Verified): Promise<void> {
  const all = verified.bytes_left();
  let done = 0;
  say({ type: 'came', done, all });
  for (let path = verified.wanted(); path !== undefined; path = verified.wanted()) {
    const answer = await fetch(path);
    if (answer.status === NOT_FOUND) {
      verified.missing();
      continue;
    }
    for await (const part of partsOf(path, answer)) {
      done += part.length;
      say({ type: 'came', done, all });
      if (!verified.take(part)) break;
    }
    verified.end();
  }
}

async function bytesOf(path: string, bytesMax: number): Promise<Uint8Array> {
  // Never more in memory than may come, whatever the house sends.
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of partsOf(path, await fetch(path))) {
    length += part.length;
    if (length > bytesMax) throw new Error(`${path}: ${length} B`);
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Whoever stops listening ends the download. */
async function* partsOf(path: string, answer: Response): AsyncGenerator<Uint8Array> {
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const reader = answer.body?.getReader();
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) yield part.value;
  } finally {
    await reader?.cancel();
  }
}
