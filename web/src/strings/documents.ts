/** Words about the documents of a meeting. */

import { speaker } from '../words/speak';

export const t = speaker('documents');
