/** Words of the convener's own page. */

import { speaker } from '../words/speak';

export const t = speaker('convener', 'common');
