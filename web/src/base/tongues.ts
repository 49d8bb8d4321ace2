/** Languages that people speak in a meeting, as BCP 47 tags: not those of the interface. */

import { locale } from '../words/speak';

/** Those that the form offers: of the United Nations, of Europe's institutions and states, and the largest others. */
export const OFFERED: readonly string[] = [
  'am', 'ar', 'az', 'be', 'bg', 'bn', 'bs', 'ca', 'cs', 'cy', 'da', 'de', 'el', 'en', 'es', 'et', 'eu', 'fa', 'fi', 'fr',
  'ga', 'gl', 'ha', 'he', 'hi', 'hr', 'hu', 'hy', 'id', 'is', 'it', 'ja', 'ka', 'kk', 'km', 'ko', 'ky', 'lo', 'lt', 'lv',
  'mk', 'mn', 'ms', 'mt', 'my', 'nb', 'ne', 'nl', 'pl', 'ps', 'pt', 'rm', 'ro', 'ru', 'si', 'sk', 'sl', 'so', 'sq', 'sr',
  'sv', 'sw', 'ta', 'tg', 'th', 'ti', 'tk', 'tr', 'uk', 'ur', 'uz', 'vi', 'yo', 'zh', 'zu',
];

/** As those who speak it call it, "français"; a tag that nobody knows stays as it is. */
export const ownName = (tag: string): string => named(tag, tag);

/** In the language of the page: "French". */
export const nameHere = (tag: string): string => named(tag, locale());

function named(tag: string, speaker: string): string {
  try {
    const name = new Intl.DisplayNames([speaker], { type: 'language' }).of(tag) ?? tag;
    const [first = ''] = name;
    // As at the beginning of a line: a language's name is there by itself.
    return first.toLocaleUpperCase(speaker) + name.slice(first.length);
  } catch {
    // It is no tag at all: a charter's languages are text.
    return tag;
  }
}
