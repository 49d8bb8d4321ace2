/** Words of the public pages. */

import { speaker } from '../base/speak';
import { common } from './common';

export const t = speaker({
  ...common,
  'meaning-convened': 'The sides have not met yet.',
  'meaning-open': 'The meeting is in public: you see and hear it live.',
  'meaning-closing': 'The doors are being shut. Nothing more is said in public.',
  'meaning-closed': 'The meeting is not public now.',
  'meaning-adjourned': 'The meeting is over.',
  'meaning-waiting': 'Connecting…',

  'convened-on': 'Convened on {day}, {time}. This page shows the meeting by itself when its doors open.',
  'begins': 'To begin {day}, {time}',
  'begins-in': 'In {left}',
  'due': 'It may begin at any moment.',
  'moved': 'Moved from {day}, {time}.',
  'planned': 'Planned to last {length}.',
  'begins-by-itself': 'This page shows the meeting by itself when its doors open.',
  'closed-since': 'In closed session since {time}',
  'running-item': 'Agenda item {number}: {title}',
  'closed-ground': 'The public is excluded on this ground: {ground}',
  'closed-keys': 'Picture and sound go on between the sides under keys that the public does not get. This page shows the meeting again, by itself, if they open it.',
  'closing-now': 'The doors are being shut',
  'closing-text': 'The sides have stopped speaking in public. They go on in closed session when each of them has confirmed it.',
  'open-since': 'In public since {time}',
  'watch': 'Watch and listen',
  'watch-hint': 'Picture and sound start when you press the button.',
  'lost-socket': 'The server cannot be reached; what is shown here may be out of date. Trying again…',

  'adjourned-at': 'Adjourned {day}, {time}',
  'adjourned-length': 'It lasted {length}. {open} of that were in public.',
  'adjourned-length-none': 'It lasted {length}, all of it in closed session.',
  'adjourned-never': 'It was adjourned before anybody met.',
  'present': 'Present',
  'present-none': 'Nobody is in the meeting at this moment.',
});
