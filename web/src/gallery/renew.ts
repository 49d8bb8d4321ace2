/** Has the server write a part of this page anew: what it wrote is taken as it is, and nothing in it runs. */

import { localise } from './times';

/** Puts the fresh element of this id in the place of the one that is shown; says whether it could. */
export async function renew(id: string): Promise<boolean> {
  try {
    const response = await fetch(location.href, { credentials: 'omit' });
    if (!response.ok) return false;
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById(id);
    const shown = document.getElementById(id);
    // Nobody's place is taken away while they read by keyboard.
    if (!fresh || !shown || shown.contains(document.activeElement)) return false;
    localise(fresh);
    if (!shown.isEqualNode(fresh)) shown.replaceWith(fresh);
    return true;
  } catch {
    return false;
  }
}
