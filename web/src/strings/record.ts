/** Words about the record, and what the reader's browser finds in it. */

import { speaker } from '../words/speak';

export const t = speaker('record');
