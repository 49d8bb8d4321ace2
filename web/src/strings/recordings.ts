/** Words around recordings on the public page: loaded with them. */

import { speaker } from '../words/speak';

export const t = speaker('recordings');
