/** Words of the list of meetings. */

import { speaker } from '../base/speak';

export const t = speaker({
  'name': 'incamera',
  'unreachable': 'The server cannot be reached. Check your connection; the page tries again by itself.',
  'schedule-title': 'Meetings of this house',
  'schedule-none': 'No meeting has been convened here yet.',
  'schedule-running': 'Under way',
  'schedule-coming': 'Convened',
  'schedule-past': 'Past',
  'schedule-line-open': 'In public since {time}',
  'schedule-line-closed': 'In closed session since {time}',
  'schedule-line-convened': 'Convened {day}',
  'schedule-line-adjourned': '{day}, {length}, of which {open} in public',
});
