/** Checks the record of a meeting in the reader's own browser, when they ask for it. */

import load from 'words:common,record';
import { flag, list, nullable, number, parse, shape, text } from '../base/decode';
import { enumerated } from '../base/format';
import { t } from '../strings/record';
import type { FromVerifier, ToVerifier } from '../worker/messages';
import { h } from './dom';
import { hear } from './hear';

/** Of what `incamera verify --json` says, what is shown here. */
export interface Report {
  ok: boolean;
  entries: number;
  covered: number;
  problems: { entry: number | null; what: string }[];
  remarks: string[];
  cosigned: { name: string; entries: number }[];
  recordings: unknown[];
}

const report = shape<Report>({
  ok: flag,
  entries: number,
  covered: number,
  problems: list(shape({ entry: nullable(number), what: text })),
  remarks: list(text),
  cosigned: list(shape({ name: text, entries: number })),
  recordings: list((recording) => recording),
});

/** Puts the button where the server has left a place for it. */
export async function offerCheck(meeting: string, place: Element): Promise<void> {
  await hear(load);
  const button = h('button', t('check-record'));
  const found = h('div');
  found.setAttribute('role', 'status');
  button.addEventListener('click', () => {
    button.setAttribute('disabled', '');
    checkRecord(meeting, (files) => found.replaceChildren(h('p.quiet', t('checking', { files }))))
      .then((it) => found.replaceChildren(...wordsOf(it, address())))
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        found.replaceChildren(h('p', t('record-unreachable')), english('p', why));
      })
      .finally(() => {
        button.textContent = t('check-again');
        button.removeAttribute('disabled');
      });
  });
  place.append(h('p', button), found);
}

const address = (): string => `${location.origin}${location.pathname}`;

function checkRecord(meeting: string, fetched: (files: number) => void): Promise<Report> {
  const worker = new Worker(new URL('../worker/verify.worker.ts', import.meta.url), { type: 'module' });
  const found = new Promise<Report>((resolve, reject) => {
    worker.addEventListener('error', () => reject(new Error('worker')));
    worker.addEventListener('message', ({ data }: MessageEvent<FromVerifier>) => {
      if (data.type === 'fetched') fetched(data.files);
      else if (data.type === 'report') resolve(parse(data.report, report));
      else reject(new Error(data.why));
    });
  });
  const ask: ToVerifier = { meeting };
  worker.postMessage(ask);
  return found.finally(() => worker.terminate());
}

/** What was found, in words; what does not hold is said in the verifier's own, which are English. */
export function wordsOf(found: Report, of: string): HTMLElement[] {
  const verdict = h('p.verdict', h('strong', t(found.ok ? 'record-holds' : 'record-fails')));
  verdict.dataset['record'] = found.ok ? 'holds' : 'fails';
  const lines = found.ok ? [t('checked-here', { entries: found.entries }), witnesses(found)] : [];
  if (found.ok && found.recordings.length > 0) lines.push(t('record-recordings'));
  const problems = found.problems.map(({ entry, what }) =>
    english('li', entry === null ? what : `${t('problem-entry', { entry })}: ${what}`),
  );
  const remarks = found.remarks.map((remark) => english('li', remark));
  const lists = [problems, remarks].filter((it) => it.length > 0).map((it) => h('ul', ...it));
  return [verdict, ...lists, ...lines.map((line) => h('p', line)), h('p.quiet.small', t('record-how')), english('p.command', `incamera verify ${of}`)];
}

function witnesses({ entries, covered, cosigned }: Report): string {
  if (covered === 0) return t('record-uncosigned');
  const names = enumerated(cosigned.filter((it) => it.entries === covered).map(({ name }) => name));
  return covered < entries ? t('record-covered', { names, covered, entries }) : t('record-cosigned', { names });
}

function english(tag: string, words: string): HTMLElement {
  const element = h(tag, words);
  element.lang = 'en';
  element.dir = 'ltr';
  return element;
}
