/** Keys of the keyboard as the pages use them: single ones, never while somebody types. */

/** What is needed of a keyboard event. */
export interface Key {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** The sign of a key in capitals; where the keyboard writes another alphabet, the letter at that place. */
export const signOf = ({ key, code }: Key): string =>
  /^[ -~]$/.test(key) ? key.toUpperCase() : code.replace(/^Key/, '');

/** Whether a key is for the page: not with a modifier, and not where something is written or chosen with it. */
export function isForPage(event: Key & { target: EventTarget | null }): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { target } = event;
  return target === null || !(target instanceof Element && target.closest(WRITING));
}

const WRITING = 'input:not([type=range], [type=checkbox], [type=radio]), select, textarea, [contenteditable]';
