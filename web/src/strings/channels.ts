/** Words of the language channels, in the room and on the public page. */

import { speaker } from '../words/speak';

export const t = speaker('channels');
