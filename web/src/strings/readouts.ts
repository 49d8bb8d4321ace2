/** Words of what a delegation publishes, at its desk. */

import { speaker } from '../words/speak';

export const t = speaker('readouts');
