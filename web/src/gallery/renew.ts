/** Has the server write parts of this page anew: what it wrote is taken as it is, and nothing in it runs. */

import { localise } from './times';

/** Puts the fresh elements of these ids in the place of those that are shown; says whether it could. */
export async function renew(...ids: string[]): Promise<boolean> {
  try {
    const response = await fetch(location.href, { credentials: 'omit' });
    if (!response.ok) return false;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const id of ids) {
      const fresh = page.getElementById(id);
      const shown = document.getElementById(id);
      // Nobody's place is taken away while they read by keyboard.
      if (!fresh || !shown || shown.contains(document.activeElement)) continue;
      localise(fresh);
      if (!shown.isEqualNode(fresh)) shown.replaceWith(fresh);
    }
    return true;
  } catch {
    return false;
  }
}
