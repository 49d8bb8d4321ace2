/** The language of this browser: what was chosen here before, or else what the browser asks for. */

import { isLanguage, type Language, languages, spoken } from './languages';
import { type Load, speakIn } from './speak';

/** Beside the browser's other preferences, and never in an address. */
const KEPT = 'language';

export function preferred(): Language {
  const kept = read();
  return kept !== null && isLanguage(kept) ? kept : spoken(navigator.languages);
}

/** Loads a language and speaks it from now on. */
export async function speakOn(load: Load, language: Language): Promise<void> {
  speakIn(language, (await load[language]()).default);
  document.documentElement.lang = language;
  document.documentElement.dir = languages[language].direction;
}

export function keep(language: Language): void {
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // A browser that keeps nothing is asked again next time.
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
