/** Looks at every frame that arrives and passes it on untouched, so that what can be decoded is decoded. */

import type { Transformer } from '../../src/worker/pump';
import { scopeOf } from '../../src/worker/scope';
import { isMarked, printOf } from './sealing';

export interface Seen {
  clear: number;
  sealed: number;
  /** Of everything that arrived. */
  prints: string[];
}

const scope = scopeOf<'report', Seen | 'ready'>(self);
const seen: Seen = { clear: 0, sealed: 0, prints: [] };

scope.addEventListener('rtctransform', ({ transformer: { readable, writable } }: { transformer: Transformer }) => {
  const look = new TransformStream<{ data: ArrayBuffer }, { data: ArrayBuffer }>({
    transform: (frame, out) => {
      seen.prints.push(printOf(new Uint8Array(frame.data)));
      if (isMarked(new Uint8Array(frame.data))) seen.sealed += 1;
      else seen.clear += 1;
      out.enqueue(frame);
    },
  });
  void readable.pipeThrough(look).pipeTo(writable);
});
scope.addEventListener('message', () => scope.postMessage({ ...seen }));
scope.postMessage('ready');
