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
  'unknown-meeting': 'There is no meeting at this address. Check that the link was copied whole.',
} as const;

/** Words that the pages with secrets use besides. */
export const withSecrets = {
  ...common,
  'restart-socket': 'The house restarts. This page comes back by itself, usually within seconds.',
  'unreachable': 'The server cannot be reached. Check your connection; the page tries again by itself.',
} as const;
