/** Words of the page that convenes. */

import { speaker } from '../words/speak';

export const t = speaker('convene', 'common', 'duties', 'reach');
