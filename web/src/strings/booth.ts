/** Words of an interpreter's booth. */

import { speaker } from '../words/speak';

export const t = speaker('booth', 'channels');
