/** Words of the documents that members offer one another. */

import { speaker } from '../words/speak';

export const t = speaker('documents');
