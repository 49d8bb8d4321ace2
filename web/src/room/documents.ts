/** What a document is called by its media type, in plain words. */

import type { speaker } from '../words/speak';

type Id = Parameters<ReturnType<typeof speaker<'documents'>>>[0];

const KINDS: readonly (readonly [RegExp, Id])[] = [
  [/^image\//, 'kind-picture'],
  [/^application\/pdf$/, 'kind-pdf'],
  [/^text\//, 'kind-text'],
  [/opendocument\.text$|wordprocessingml/, 'kind-writing'],
  [/spreadsheet/, 'kind-table'],
  [/presentation/, 'kind-slides'],
];

export const kindOf = (mediaType: string): Id => KINDS.find(([of]) => of.test(mediaType))?.[1] ?? 'kind-other';
