/** Words of lines that are seen while they are typed. */

import { speaker } from '../words/speak';

export const t = speaker('typed');
