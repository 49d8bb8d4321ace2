/** Words around picture and sound on the public page: loaded with the player. */

import { speaker } from '../words/speak';

export const t = speaker('stage');
