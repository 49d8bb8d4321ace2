import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'svelte/compiler';
import { afterEach, describe, expect, it } from 'vitest';
import { argumentsOf, idsModule, languages as written, messagesOf, sections } from '../../scripts/words.mjs';
import { clockTime, duration, enumerated } from '../base/format';
import { inWords } from '../gallery/countdown';
import { ALARM, inOurWords, sentences } from '../strings/house';
import { languages, spoken } from './languages';
import { speaker, speakIn } from './speak';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(root + path, 'utf8');
const below = (folder: string, ending: RegExp): string[] =>
  readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path) && !/\.test\.ts$|words\/ids\.ts$/.test(path))
    .map((path) => `${folder}/${path}`);

/** What stands in the pages before any script runs. */
const html = readdirSync(`${root}web`)
  .filter((name) => name.endsWith('.html'))
  .map((name) => read(`web/${name}`))
  .join('\n');
const pages = below('web/src', /\.(ts|svelte)$/).map((path) => ({ path, text: read(path) }));
const server = [...below('crates/server/src/public', /\.rs$/), 'crates/server/src/http/public.rs'].map(read).join('\n');
/** As `crates/server/src/public/words.rs` names the files. */
const spokenByServer = [...server.matchAll(/"\/(\w+)\.ftl"/g)].map(([, section]) => section);

afterEach(() => speakIn('en', english));
const english = Object.fromEntries(sections().map((section) => [section, messagesOf('en', section)]));

describe('the words', () => {
  it('are there in every language, and none has more', () => {
    expect(written).toEqual(Object.keys(languages));
    for (const language of written) {
      for (const section of sections()) {
        const own = Object.keys(messagesOf(language, section)).sort();
        expect(own, `${language}/${section}`).toEqual(Object.keys(messagesOf('en', section)).sort());
      }
    }
  });

  it('take the same arguments in every language', () => {
    for (const language of written) {
      for (const section of sections()) {
        const source = messagesOf('en', section);
        for (const [id, pattern] of Object.entries(messagesOf(language, section))) {
          const own = argumentsOf(pattern);
          expect(own, `${language}/${section}: ${id}`).toEqual(argumentsOf(source[id] ?? ''));
        }
      }
    }
  });

  it('are all said somewhere', () => {
    const unsaid: string[] = [];
    for (const section of sections()) {
      // Where a section is spoken: by the pages that import its words, or by the server.
      const strings = pages.filter(({ text }) => new RegExp(`speaker\\([^)]*'${section}'`).test(text));
      const files = strings.map(({ path }) => path.replace(/.*\/(\w+)\.ts$/, '$1'));
      const speaking = pages.filter(
        ({ path, text }) =>
          strings.some((it) => it.path === path) || files.some((file) => text.includes(`strings/${file}'`)),
      );
      // What is wrong with a form is judged by a module beside the one that says it.
      const beside = speaking.flatMap(({ path, text }) =>
        [...text.matchAll(/from '\.\/([\w.-]+)'/g)].map(([, name]) => `${path.replace(/[^/]*$/, '')}${name}`),
      );
      const text = [...speaking, ...pages.filter(({ path }) => beside.includes(path.replace(/\.ts$/, '')))]
        .map((it) => it.text)
        .concat(spokenByServer.includes(section) ? server : '', section === 'script' ? html : '')
        .join('\n');
      for (const id of Object.keys(messagesOf('en', section))) if (!isSaid(id, text)) unsaid.push(`${section}: ${id}`);
    }
    expect(unsaid).toEqual([]);
  });

  it('have their ids told to TypeScript', () => {
    // When this fails: `npm run words`.
    expect(read('web/src/words/ids.ts')).toBe(idsModule());
  });

  it('stand nowhere else: no page has a text of its own in its markup', () => {
    const stray = pages
      .filter(({ path }) => path.endsWith('.svelte'))
      .flatMap(({ path, text }) => strayOf(text).map((words) => `${path}: ${words}`));
    expect(stray).toEqual([]);
  });
});

/** As it stands in the code, or as one of those that a template makes: `role-${role}`. */
function isSaid(id: string, text: string): boolean {
  if (text.includes(`'${id}'`) || text.includes(`"${id}"`)) return true;
  for (const [, template = ''] of text.matchAll(/`([\w-]*(?:\$\{[^}]*\}[\w-]*)+)`/g)) {
    const pattern = template.replace('${kind}', '(camera|microphone)').replace(/\$\{[^}]*\}/g, '[\\w-]+');
    if (/[a-z]/.test(pattern.replace(/\[[^\]]*\]/g, '')) && new RegExp(`^${pattern}$`).test(id)) return true;
  }
  return false;
}

/** Letters in text, and in the attributes that people read or hear. */
function strayOf(source: string): string[] {
  const stray: string[] = [];
  const READ = ['aria-label', 'aria-valuetext', 'alt', 'title', 'placeholder'];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) return node.forEach(walk);
    const { type, name, data, value } = node as Record<string, unknown>;
    if (type === 'Text' && typeof data === 'string' && /\p{L}/u.test(data)) stray.push(data.trim());
    if (type === 'Attribute' && !READ.includes(String(name))) return;
    if (type === 'Attribute') return walk(value);
    for (const child of Object.values(node)) walk(child);
  };
  walk(parse(source, { modern: true }).fragment);
  return stray;
}

describe('a page', () => {
  it('speaks the first language of the browser that it knows', () => {
    expect(spoken(['pt-BR', 'de-AT', 'en'])).toBe('de');
    expect(spoken(['zh-Hans-CN'])).toBe('zh');
    expect(spoken(['tlh'])).toBe('en');
    expect(spoken([])).toBe('en');
  });

  it('says numbers, times and lists as the language does', () => {
    speakIn('de', { common: messagesOf('de', 'common') });
    expect(duration(3_900_000)).toBe('1 Std. 05 Min.');
    expect(enumerated(['A', 'B', 'C'])).toBe('A, B und C');
    expect(inWords(2 * 86_400_000)).toBe('2 Tage, 0 Stunden');
    speakIn('ar', { common: messagesOf('ar', 'common') });
    expect(clockTime(Date.UTC(2026, 0, 2, 21, 5), 'UTC')).toBe('21:05');
    expect(inWords(2_000)).toBe('ثانيتان');
  });

  it('keeps a name in another script from disturbing its sentence, and only then', () => {
    const say = speaker('room');
    expect(say('say-gone', { name: 'Ada' })).toBe('Ada has left.');
    expect(say('say-gone', { name: 'ليلى' })).toBe('\u2068ليلى\u2069 has left.');
    speakIn('ar', { room: messagesOf('ar', 'room') });
    expect(say('say-gone', { name: 'Ada' })).toBe('غادر \u2068Ada\u2069.');
    expect(enumerated(['Ada', 'Bo'])).toBe('\u2068Ada\u2069 و\u2068Bo\u2069');
  });

  it('chooses words by the plural of its language', () => {
    speakIn('ru', { public: messagesOf('ru', 'public') });
    const met = speaker('public');
    const args = { last: 'A', first: 'B' };
    expect(met('met', { ...args, times: 22 })).toContain('22 встречи');
    expect(met('met', { ...args, times: 5 })).toContain('5 встреч,');
  });
});

describe('what the server and the encryption say', () => {
  // As rustfmt breaks them.
  const crates = ['crates/seal/src', 'crates/meeting/src', 'crates/server/src'].flatMap((path) => below(path, /\.rs$/));
  const rust = crates.map(read).join('\n');

  it('is known by the sentences that they really say', () => {
    for (const sentence of Object.keys(sentences)) {
      const pattern = sentence.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace('\\*', '\\{\\w+\\}');
      expect(rust, sentence).toMatch(new RegExp(`"${pattern}"`));
    }
    expect(rust).toContain(`"{what}${ALARM}"`);
  });

  it('leaves no sentence of the encryption in English alone', () => {
    const errors = ['crates/meeting/src/refusal.rs', 'crates/seal/src/action.rs'].map(read).join('\n');
    const said = [
      ...errors.matchAll(/#\[error\(\s*"([^"]+)"\s*\)\]/g),
      ...below('crates/seal/src', /\.rs$/).map(read).join('\n').matchAll(/\b(?:because|raise_alarm)\(\s*&?(?:format!\(\s*)?"([^"]+)"/g),
    ].map(([, sentence = '']) => sentence.replace(/\{\w*\}/g, '*'));
    expect(said.length).toBeGreaterThan(30);
    expect(said.filter((sentence) => !Object.hasOwn(sentences, sentence))).toEqual([]);
  });

  it('stands as it came in English, and is said in the words of another language', () => {
    expect(inOurWords('Some new sentence.')).toBe('Some new sentence.');
    speakIn('de', { house: messagesOf('de', 'house') });
    expect(inOurWords('Your role does not allow this.')).toBe('Ihre Rolle gestattet dies nicht.');
    expect(inOurWords(`Ada (Ardania) sees another group than this device.${ALARM}`)).toMatch(/^Ada \(Ardania\) sieht/);
    expect(inOurWords('Something else.', 'letter_expired')).toMatch(/abgelaufen/);
    expect(inOurWords('Something else.', 'not_known')).toBe('Something else.');
  });
});
