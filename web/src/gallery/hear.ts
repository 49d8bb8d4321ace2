/** The server has written this page in the language of whoever reads it; the script goes on in that language. */

import { isLanguage } from '../words/languages';
import { type Load, speakIn } from '../words/speak';

export async function hear(load: Load): Promise<void> {
  const { lang } = document.documentElement;
  const language = isLanguage(lang) ? lang : 'en';
  speakIn(language, (await load[language]()).default);
}
