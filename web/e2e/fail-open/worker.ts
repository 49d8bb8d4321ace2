/** The production pump, with a sealing that the test switches. */

import { Pump } from '../../src/worker/pump';
import { scopeOf, serve } from '../../src/worker/scope';
import { nothingPasses, type Sealing } from '../../src/worker/sealing';
import type { FromMember } from '../../src/worker/messages';
import { marked } from './sealing';

export type ToTest = { type: 'pass'; what: 'marked' | 'nothing' } | { type: 'count'; question: number };
export type FromTest = { type: 'ready' } | Extract<FromMember, { type: 'counted' }>;

const scope = scopeOf<ToTest, FromTest>(self);

let sealing: Sealing = nothingPasses;
const pump = new Pump(() => sealing, { occupied: () => undefined, broke: () => undefined });
serve(scope, pump);

scope.addEventListener('message', ({ data }) => {
  if (data.type === 'pass') sealing = data.what === 'marked' ? marked : nothingPasses;
  else scope.postMessage({ type: 'counted', question: data.question, tallies: pump.tallies() });
});
scope.postMessage({ type: 'ready' });
