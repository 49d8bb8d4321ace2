/** The production pump, with a sealing that the test switches: one that can be told at sight, or the real one. */

import { Pump } from '../../src/worker/pump';
import { scopeOf, serve } from '../../src/worker/scope';
import { nothingPasses, type Sealing } from '../../src/worker/sealing';
import type { FromMember } from '../../src/worker/messages';
import { alone } from './alone';
import { marked, printing } from './sealing';

export type ToTest = { type: 'pass'; what: 'marked' | 'real' | 'nothing' } | { type: 'prints' } | { type: 'count'; question: number };
export type FromTest = { type: 'ready' } | { type: 'prints'; prints: string[] } | Extract<FromMember, { type: 'counted' }>;

const scope = scopeOf<ToTest, FromTest>(self);

let sealing: Sealing = nothingPasses;
const prints = new Set<string>();
const pump = new Pump(() => sealing, { occupied: () => undefined, broke: () => undefined });
serve(scope, pump);

scope.addEventListener('message', ({ data }) => {
  switch (data.type) {
    case 'pass':
      if (data.what === 'real') void alone().then((member) => (sealing = printing(member, prints)));
      else sealing = data.what === 'marked' ? marked : nothingPasses;
      return;
    case 'prints':
      return scope.postMessage({ type: 'prints', prints: [...prints] });
    case 'count':
      return scope.postMessage({ type: 'counted', question: data.question, tallies: pump.tallies() });
    default:
      data satisfies never;
  }
});
scope.postMessage({ type: 'ready' });
