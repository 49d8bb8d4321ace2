/** Words for what a check of a record finds. */

import { speaker } from '../words/speak';

export const t = speaker('findings');
