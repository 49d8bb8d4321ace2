/** Words of the public pages. */

import { speaker } from '../words/speak';

export const t = speaker('gallery', 'common');
