/** Words of the fields in which a meeting is announced. */

import { speaker } from '../words/speak';

export const t = speaker('plan');
