/** The languages of the interface. */

export type Language = 'en' | 'de' | 'fr' | 'es' | 'ru' | 'zh' | 'ar';

interface About {
  /** As those who speak it call it. */
  name: string;
  /** Where numbers, days and lists are written as this language writes them. */
  locale: string;
  direction: 'ltr' | 'rtl';
}

export const languages: Readonly<Record<Language, About>> = {
  en: { name: 'English', locale: 'en-GB', direction: 'ltr' },
  de: { name: 'Deutsch', locale: 'de', direction: 'ltr' },
  fr: { name: 'Français', locale: 'fr', direction: 'ltr' },
  es: { name: 'Español', locale: 'es', direction: 'ltr' },
  ru: { name: 'Русский', locale: 'ru', direction: 'ltr' },
  zh: { name: '中文', locale: 'zh-CN', direction: 'ltr' },
  // The digits that the codes of a meeting have, and which every keyboard can type.
  ar: { name: 'العربية', locale: 'ar-u-nu-latn', direction: 'rtl' },
};

export const isLanguage = (tag: string): tag is Language => Object.hasOwn(languages, tag);

/** The first of the wanted languages that the interface speaks: "de-AT" is German. */
export function spoken(wanted: readonly string[]): Language {
  const known = wanted.map((tag) => tag.split('-')[0]?.toLowerCase() ?? '').find(isLanguage);
  return known ?? 'en';
}
