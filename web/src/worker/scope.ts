/** The global scope of a worker, as far as it is used: the compiler's own description of it excludes a page's. */

import type { Pump, Transformer } from './pump';

export interface WorkerScope<In, Out> {
  addEventListener(type: 'message', listener: (event: MessageEvent<In>) => void): void;
  addEventListener(type: 'rtctransform', listener: (event: { readonly transformer: Transformer }) => void): void;
  postMessage(message: Out): void;
}

export const scopeOf = <In, Out>(self: unknown): WorkerScope<In, Out> => self as WorkerScope<In, Out>;

/** Has the pump take on every transform that the page gives to this worker. Before anything that waits. */
export function serve<In, Out>(scope: WorkerScope<In, Out>, pump: Pump): void {
  scope.addEventListener('rtctransform', ({ transformer }) => pump.attach(transformer));
}

