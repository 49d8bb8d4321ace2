/** Words of the device check and the room. */

import { speaker } from '../words/speak';

export const t = speaker('room', 'aside', 'common', 'duties', 'reach', 'roles');

/** What the founding document has the meeting owe the public. */
export const dutiesOf = ({ reports, pauses }: { reports: boolean; pauses: boolean }) => [
  ...(reports ? ['duty-reports' as const] : []),
  ...(pauses ? ['duty-pauses' as const] : []),
];

/** From when the public sees and hears, and until when: said to whoever opens and to whoever is asked. */
export function openWhen(delegations: readonly { name: string }[], closingChair: number | null): string {
  if (closingChair === null) return t('open-when');
  return t('open-when-chair', { chair: delegations[closingChair]?.name ?? '' });
}
