/** What a check of a record has found, in words. */

import { type Decoder, flag, list, nullable, number, parse, shape, text } from '../base/decode';
import { enumerated } from '../base/format';
import { t } from '../strings/record';
import { h } from './dom';
import { english, type Finding, finding, lineOf } from './findings';

interface File {
  size: number;
}

interface Recorded {
  deleted_at_ms: number | null;
  checked: boolean;
  sealed: File;
  takes: File[];
}

interface Part {
  n: number;
  frames_checked: number;
  frames: { matched: number; unmatched: number; contradicted: number; missing: number };
}

/** Of what `incamera verify --json` says, what is shown here. */
export interface Report {
  ok: boolean;
  entries: number;
  covered: number;
  adjourned_at_ms: number | null;
  parts: Part[];
  problems: Finding[];
  remarks: Finding[];
  cosigned: { name: string; entries: number }[];
  recordings: Recorded[];
}

const file: Decoder<File> = shape({ size: number });

const report = shape<Report>({
  ok: flag,
  entries: number,
  covered: number,
  adjourned_at_ms: nullable(number),
  parts: list(
    shape({
      n: number,
      frames_checked: number,
      frames: shape({ matched: number, unmatched: number, contradicted: number, missing: number }),
    }),
  ),
  problems: list(finding),
  remarks: list(finding),
  cosigned: list(shape({ name: text, entries: number })),
  recordings: list(shape({ deleted_at_ms: nullable(number), checked: flag, sealed: file, takes: list(file) })),
});

export const read = (json: string): Report => parse(json, report);

/** How many bytes of recordings there are to be checked: none while the meeting goes on. */
export function bytesOf({ adjourned_at_ms, recordings }: Report): number {
  if (adjourned_at_ms === null) return 0;
  const files = recordings.filter((it) => it.deleted_at_ms === null).flatMap(({ sealed, takes }) => [sealed, ...takes]);
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** `looked`: the recordings were checked as well. */
export function wordsOf(found: Report, of: string, looked: boolean): HTMLElement[] {
  const verdict = h('p.verdict', h('strong', t(found.ok ? 'record-holds' : 'record-fails')));
  verdict.dataset['record'] = found.ok ? 'holds' : 'fails';
  const lines = found.ok ? [t('checked-here', { entries: found.entries }), ...witnesses(found)] : [];
  if (looked && found.recordings.some((it) => it.checked)) lines.push(...recordings(found));
  else if (bytesOf(found) > 0 && !looked) lines.push(t('record-recordings'));
  const lists = [found.problems, found.remarks].filter((it) => it.length > 0).map((it) => h('ul', ...it.map(lineOf)));
  const parts = found.parts.filter((part) => looked && part.frames_checked > 0).map(partOf);
  const how = [h('p.quiet.small', t('record-how')), english('p.command', `incamera verify ${of}`)];
  const frames = parts.length > 0 ? [h('ul', ...parts)] : [];
  return [verdict, ...lists, ...lines.map((line) => h('p', line)), ...frames, ...how];
}

function witnesses({ entries, covered, cosigned }: Report): string[] {
  if (covered === 0) return [];
  const names = enumerated(cosigned.filter((it) => it.entries === covered).map(({ name }) => name));
  return [covered < entries ? t('record-covered', { names, covered, entries }) : t('record-cosigned', { names })];
}

function recordings({ recordings }: Report): string[] {
  const left = recordings.filter((it) => it.deleted_at_ms === null);
  return left.every((it) => it.checked) ? [t('recordings-hold')] : [];
}

function partOf({ n, frames }: Part): HTMLElement {
  const { matched, unmatched, contradicted, missing } = frames;
  const unsigned = unmatched - contradicted;
  const line = h('li', t('recordings-part', { part: n, matched, unsigned, contradicted, missing }));
  Object.assign(line.dataset, { part: n, matched, unsigned, contradicted, missing });
  return line;
}
