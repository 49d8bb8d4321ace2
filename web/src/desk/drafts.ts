/** What is being written at the desk. Pure. */

import type { DeskText } from '../protocol/DeskText';

/** As the protocol's limits say, with room for what stands around the texts. */
const READOUT_BYTES_MAX = 63 * 1_024;
const JOINT_BYTES_MAX = 31 * 1_024;
export const LANGUAGES_MAX = 24;

export type Kind = 'readout' | 'joint';

export const emptyText = (language: string): DeskText => ({ language, markdown: '' });

/** What would be signed: blanks around it go, and languages without a word. */
export const textsOf = (draft: readonly DeskText[]): DeskText[] =>
  draft
    .map(({ language, markdown }) => ({ language: language.trim(), markdown: markdown.trim() }))
    .filter(({ markdown }) => markdown !== '');

export type Fault = 'text-missing' | 'language-wrong' | 'language-twice' | 'text-long';

const TAG = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

export function faultOf(draft: readonly DeskText[], kind: Kind): Fault | null {
  const texts = textsOf(draft);
  if (texts.length === 0) return 'text-missing';
  if (texts.some(({ language }) => language.length > 35 || !TAG.test(language))) return 'language-wrong';
  if (new Set(texts.map(({ language }) => language.toLowerCase())).size < texts.length) return 'language-twice';
  const bytes = texts.reduce((sum, { markdown }) => sum + new TextEncoder().encode(markdown).length, 0);
  return bytes > (kind === 'readout' ? READOUT_BYTES_MAX : JOINT_BYTES_MAX) ? 'text-long' : null;
}

/** Whether two texts say the same. */
export const same = (one: readonly DeskText[], other: readonly DeskText[]): boolean =>
  one.length === other.length &&
  one.every((text, index) => text.language === other[index]?.language && text.markdown === other[index]?.markdown);
