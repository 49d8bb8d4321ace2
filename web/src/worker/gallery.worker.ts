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
let said = '';
setInterval(() => {
  pump.sweep();
  const shown = gallery?.look(performance.timeOrigin + performance.now()) ?? [];
  const text = JSON.stringify(shown);
  if (text === said) return;
  said = text;
  say({ type: 'shown', shown });
}, SWEEP_MS);

/** In the order in which they came, also those that came while the WebAssembly was compiled. */
const compiled = ready().then(() => {
  gallery = new Gallery();
});

scope.addEventListener('message', ({ data }) => {
  compiled.then(() => take(data)).catch((error: unknown) => say({ type: 'broke', why: String(error) }));
});

function take(data: ToGallery): void {
  switch (data.type) {
    case 'disclose':
      return gallery?.disclose(data.keys);
    case 'listen':
      return gallery?.listen(data.channel);
    case 'forget':
      return gallery?.forget();
    case 'trust':
      return gallery?.trust(data.meeting, data.charter);
    case 'signer':
      return gallery?.signer(data.credential);
    case 'digest':
      return gallery?.digest(data.digest);
    default:
      data satisfies never;
  }
}

say({ type: 'ready' });
