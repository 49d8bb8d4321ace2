/** Words about signatures that the reader's browser has checked. */

import { speaker } from '../words/speak';

export const t = speaker('check');
