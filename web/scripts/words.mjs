/**
 * The words of the pages: `words/<language>/<section>.ftl`, in Fluent. English is the source.
 *
 * A page imports the sections it needs, `words:common,room`, and gets for each language a function that loads it: a chunk
 * of its own, so that nobody is sent a language they do not read. What a page gets is read here, at build time; of Fluent
 * itself nothing travels. A message is a string with `{name}` for its arguments, or a list of strings and choices.
 *
 * Of Fluent's syntax only this much is used, and anything else fails the build: text, `{ $argument }`, and a selector over
 * `$argument` (a plural category, a number or a word).
 */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from '@fluent/syntax';

const folder = fileURLToPath(new URL('../../words/', import.meta.url));

export const languages = ['en', 'de', 'fr', 'es', 'ru', 'zh', 'ar'];

/** The sections, as the source language has them. */
export const sections = () =>
  readdirSync(`${folder}en`)
    .filter((name) => name.endsWith('.ftl'))
    .map((name) => name.slice(0, -'.ftl'.length))
    .sort();

const fileOf = (language, section) => `${folder}${language}/${section}.ftl`;

/** The messages of one file, by id: as a page gets them. */
export function messagesOf(language, section) {
  const file = fileOf(language, section);
  const messages = {};
  for (const entry of parse(readFileSync(file, 'utf8'), { withSpans: false }).body) {
    if (entry.type.endsWith('Comment')) continue;
    const id = entry.id?.name;
    if (entry.type !== 'Message' || !entry.value || entry.attributes.length > 0) {
      throw new Error(`${file}: only comments and plain messages stand here (${id ?? entry.content})`);
    }
    if (id in messages) throw new Error(`${file}: ${id} stands here twice`);
    messages[id] = patternOf(entry.value, `${file}: ${id}`);
  }
  return messages;
}

function patternOf({ elements }, where) {
  const parts = elements.map((element) => {
    if (element.type === 'TextElement') return element.value;
    const { expression } = element;
    if (expression.type === 'VariableReference') return `{${expression.id.name}}`;
    if (expression.type === 'SelectExpression' && expression.selector.type === 'VariableReference') {
      return choiceOf(expression, where);
    }
    throw new Error(`${where}: ${expression.type} is not used here`);
  });
  return parts.every((part) => typeof part === 'string') ? parts.join('') : parts;
}

function choiceOf({ selector, variants }, where) {
  const of = {};
  let other = '';
  for (const { key, value, default: isDefault } of variants) {
    const pattern = patternOf(value, where);
    if (isDefault) other = pattern;
    of[key.name ?? key.value] = pattern;
  }
  return { by: selector.id.name, of, other };
}

/** The arguments that a message takes, in the order of the alphabet. */
export function argumentsOf(pattern) {
  if (typeof pattern === 'string') return [...new Set([...pattern.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort();
  const names = pattern.flatMap((part) =>
    typeof part === 'string'
      ? argumentsOf(part)
      : [part.by, ...[...Object.values(part.of), part.other].flatMap(argumentsOf)],
  );
  return [...new Set(names)].sort();
}

/** The module that gives TypeScript the ids: what is not a message of the source language is a type error. */
export function idsModule() {
  const lines = sections().map((section) => {
    const ids = Object.keys(messagesOf('en', section));
    return `  ${section}:\n${ids.map((id) => `    | '${id}'`).join('\n')};`;
  });
  return `/** Written by \`npm run words\` from \`words/en\`. Do not edit it. */\nexport interface Ids {\n${lines.join('\n')}\n}\n`;
}

const PREFIX = 'words:';

/** A paragraph in each language, for a page that cannot ask which one is read. */
const inEachLanguage = (section, id) =>
  languages
    .map((language) => {
      const direction = language === 'ar' ? ' dir="rtl"' : '';
      return `<p lang="${language}"${direction}>${messagesOf(language, section)[id]}</p>`;
    })
    .join('');

export function words() {
  return {
    name: 'words',
    transformIndexHtml: (html) =>
      html.replace(/<noscript data-say="([\w-]+)">/, (_, id) => `<noscript>${inEachLanguage('script', id)}`),
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return undefined;
      const [list, language] = id.slice(PREFIX.length + 1).split('/');
      if (language) {
        const all = list.split(',').map((section) => {
          this.addWatchFile(fileOf(language, section));
          return [section, messagesOf(language, section)];
        });
        return `export default ${JSON.stringify(Object.fromEntries(all))};`;
      }
      const loads = languages.map((language) => `${language}: () => import('${PREFIX}${list}/${language}')`);
      return `export default { ${loads.join(', ')} };`;
    },
  };
}
