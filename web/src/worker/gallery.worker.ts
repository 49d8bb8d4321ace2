/** The public's worker: disclosed keys, and the way of every frame. */

import type { FromGallery, ToGallery } from './messages';
import { Pump } from './pump';
import { scopeOf, serve } from './scope';
import { Gallery, ready } from './seal';
import { nothingPasses } from './sealing';

const SWEEP_MS = 500;

const scope = scopeOf<ToGallery, FromGallery>(self);
const say = (message: FromGallery): void => scope.postMessage(message);

let gallery: Gallery | undefined;
const pump = new Pump(() => gallery ?? nothingPasses, {
  occupied: (occupant) => say({ type: 'occupied', occupant }),
  broke: (why) => say({ type: 'broke', why }),
});
serve(scope, pump);
setInterval(() => pump.sweep(), SWEEP_MS);

/** In the order in which they came, also those that came while the WebAssembly was compiled. */
const compiled = ready().then(() => {
  gallery = new Gallery();
});

scope.addEventListener('message', ({ data }) => {
  compiled.then(
    () => (data.type === 'disclose' ? gallery?.disclose(data.keys) : gallery?.forget()),
  ).catch((error: unknown) => say({ type: 'broke', why: String(error) }));
});

say({ type: 'ready' });
