/** What a person chose to hear in a meeting: this tab remembers it over a reload. */

import { readRemembered, type Remembered } from './channels';

const nameOf = (meeting: string): string => `hears ${meeting}`;

export function recall(meeting: string): Remembered {
  try {
    return readRemembered(sessionStorage.getItem(nameOf(meeting)));
  } catch {
    // A browser that keeps nothing is asked again.
    return readRemembered(null);
  }
}

export function remember(meeting: string, it: Remembered): void {
  try {
    sessionStorage.setItem(nameOf(meeting), JSON.stringify(it));
  } catch {
    // As above.
  }
}
