/** Says a message in the language that was chosen. No framework, no clock, nothing of the browser. */

import type { Ids } from './ids';
import { type Language, languages } from './languages';

export type Arguments = Readonly<Record<string, string | number>>;
export type Pattern = string | readonly (string | Choice)[];

/** The words differ by an argument: by its plural category, or by what it is. */
interface Choice {
  by: string;
  of: Readonly<Record<string, Pattern>>;
  other: Pattern;
}

export type Section = keyof Ids;
export type Words = Partial<Record<Section, Readonly<Record<string, Pattern>>>>;
/** For each language, what loads it. */
export type Load = Readonly<Record<Language, () => Promise<{ default: Words }>>>;

let spoken: Language = 'en';
let words: Words = {};
/** Whoever shows words is told to show them anew; a page without a framework has nobody to tell. */
let noticed: () => void = () => undefined;

export function speakIn(language: Language, loaded: Words): void {
  // What comes later with a part of the page joins what is there.
  words = language === spoken ? { ...words, ...loaded } : loaded;
  spoken = language;
}

export function onSpoken(notice: () => void): void {
  noticed = notice;
}

export function language(): Language {
  noticed();
  return spoken;
}

export const locale = (): string => languages[language()].locale;

/** A function that says the messages of these sections; where two have the same id, the first one's. */
export function speaker<Of extends Section>(...sections: readonly Of[]): (id: Ids[Of], args?: Arguments) => string {
  return (id, args = {}) => {
    noticed();
    const pattern = sections.map((section) => words[section]?.[id]).find((it) => it !== undefined);
    return pattern === undefined ? id : said(pattern, args);
  };
}

function said(pattern: Pattern, args: Arguments): string {
  if (typeof pattern === 'string') {
    return pattern.replace(/\{(\w+)\}/g, (_whole, name: string) => shown(args[name] ?? ''));
  }
  return pattern.map((part) => (typeof part === 'string' ? said(part, args) : said(chosen(part, args), args))).join('');
}

function chosen({ by, of, other }: Choice, args: Arguments): Pattern {
  const value = args[by] ?? '';
  const exact = of[String(value)];
  if (exact !== undefined || typeof value === 'string') return exact ?? other;
  return of[new Intl.PluralRules(languages[spoken].locale).select(value)] ?? other;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const ONLY_RIGHT_TO_LEFT = /^[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\s]*$/;

function shown(value: string | number): string {
  return typeof value === 'string' ? isolated(value) : new Intl.NumberFormat(languages[spoken].locale).format(value);
}

/**
 * A name may be written the other way than the sentence around it: then it stands between FIRST STRONG ISOLATE and POP
 * DIRECTIONAL ISOLATE (Unicode UAX #9), as Fluent has it. A name that cannot disturb its sentence stays as it is.
 */
export function isolated(value: string): string {
  const { direction } = languages[spoken];
  const calm = direction === 'ltr' ? !RIGHT_TO_LEFT.test(value) : ONLY_RIGHT_TO_LEFT.test(value);
  return calm ? value : `\u2068${value}\u2069`;
}
