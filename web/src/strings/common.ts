/** Words that every page uses. */

import { speaker } from '../words/speak';

export const t = speaker('common');
