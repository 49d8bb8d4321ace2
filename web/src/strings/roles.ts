/** What people are in a meeting. */

import { speaker } from '../words/speak';

const t = speaker('roles');

/** The word for a role; a newer server may know more of them. */
export function roleWord(role: string): string {
  switch (role) {
    case 'principal':
    case 'adviser':
    case 'interpreter':
    case 'secretary':
      return t(`role-${role}`);
    default:
      return role;
  }
}
