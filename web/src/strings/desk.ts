/** Words of a delegation's desk. */

import { speaker } from '../words/speak';

export const t = speaker('desk', 'common', 'reach', 'roles');
