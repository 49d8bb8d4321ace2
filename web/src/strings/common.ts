/** Words that every page uses. */

export const common = {
  'name': 'incamera',
  'lamp-waiting': 'Waiting',
  'lamp-convened': 'Not yet begun',
  'lamp-closed': 'Closed',
  'lamp-closing': 'Closing',
  'lamp-open': 'Open',
  'lamp-held': 'Held',
  'lamp-adjourned': 'Adjourned',
  'tab': '{word} · {title}',
  'agenda': 'Agenda',
  'item': '{number}. {title}',
  'item-public': 'in public',
  'item-closed': 'in closed session',
  'item-closed-ground': 'in closed session: {ground}',
  'delegations': 'Delegations',
  'unreachable': 'The server cannot be reached. Check your connection; the page tries again by itself.',
  'restart-socket': 'The house restarts. This page comes back by itself, usually within seconds.',
  'busy-socket': 'The house has more to do than it can. It lets nobody else in just now; this page tries again by itself.',
  'unknown-meeting': 'There is no meeting at this address. Check that the link was copied whole.',
  'program-failed': 'This page’s program could not be started: {why}',
} as const;
