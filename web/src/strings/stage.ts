/** Words around picture and sound on the public page: loaded with the player. */

import { speaker } from '../base/speak';

export const t = speaker({
  'part-open': 'In public',
  'watch-again': 'The browser asks for a click before it plays sound.',
  'starting': 'Connecting to picture and sound…',
  'nobody-seen': 'No picture at this moment.',
  'sound-on': 'Turn sound on',
  'sound-off': 'Turn sound off',
  'picture-of': 'Picture of {name}, {delegation}',
  'unknown-person': 'Unknown person',
  'lost-media': 'Picture and sound are interrupted. They come back by themselves.',
});
