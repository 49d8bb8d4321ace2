/** Words around a link that is a secret. */

import { speaker } from '../words/speak';

export const t = speaker('secret');
