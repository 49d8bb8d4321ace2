/** What a check of a record has found, in the reader's language: each finding has a code that stays. */

import type { Decoder } from '../base/decode';
import { nullable, number, shape, text } from '../base/decode';
import { t as says } from '../strings/findings';
import { t } from '../strings/record';
import type { Ids } from '../words/ids';
import type { Arguments } from '../words/speak';
import { h } from './dom';

/** As in `docs/record.md`. */
type Code = Ids['findings'] extends infer Id ? (Id extends `found-${infer Known}` ? Known : never) : never;

export interface Finding {
  entry: number | null;
  code: Code;
  /** In the verifier's own words, which are English. */
  what: string;
  /** What it is about. */
  facts: Arguments;
}

/** One that is not known is said in the verifier's words. */
const code: Decoder<Code> = (value) => text(value) as Code;
const head = shape<Omit<Finding, 'facts'>>({ entry: nullable(number), code, what: text });

export const finding: Decoder<Finding> = (value) => {
  const facts: Record<string, string | number> = {};
  const read = head(value);
  for (const [name, fact] of Object.entries(Object(value) as object)) {
    if (typeof fact === 'string' || typeof fact === 'number') facts[name] = fact;
  }
  return { ...read, facts };
};

export function lineOf({ entry, code, what, facts }: Finding): HTMLElement {
  const id = `found-${code}` as const;
  const said = says(id, facts);
  const line = h('li');
  line.dataset['code'] = code;
  const known = said !== id;
  line.append(entry === null ? '' : `${t('problem-entry', { entry })}: `, known ? said : english('span', what));
  return line;
}

export function english(tag: string, words: string): HTMLElement {
  const element = h(tag, words);
  element.lang = 'en';
  element.dir = 'ltr';
  return element;
}
