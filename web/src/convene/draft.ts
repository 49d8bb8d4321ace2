/** The form: what is being drafted, how it changes, and what is wrong with it. Pure. */

import type { Charter } from '../worker/seal';

/** As `limits` of the protocol says, in bytes of UTF-8. */
const TEXT_BYTES_MAX = 1_000;
const NAME_BYTES_MAX = 200;
export const DELEGATIONS_MIN = 2;
export const DELEGATIONS_MAX = 250;
export const ITEMS_MAX = 200;
export const LANGUAGES_MAX = 24;

/** A row of the form; the key stays when rows above it go. */
export interface DelegationDraft {
  key: number;
  name: string;
}
export interface ItemDraft {
  key: number;
  title: string;
  public: boolean;
  ground: string;
}

export interface Draft {
  title: string;
  delegations: readonly DelegationDraft[];
  agenda: readonly ItemDraft[];
  /** Tags, in the order of the channels; none: that in which the convener writes. */
  languages: readonly string[];
  /** Key of the delegation that opens alone; `null`: all present agree. */
  opening: number | null;
  /** Key of the delegation that alone closes; `null`: any principal closes. */
  closing: number | null;
  /** What the meeting owes the public. */
  reports: boolean;
  pauses: boolean;
  nextKey: number;
}

export type Change =
  | { type: 'title'; text: string }
  | { type: 'delegation'; key: number; name: string }
  | { type: 'add_delegation' }
  | { type: 'remove_delegation'; key: number }
  | { type: 'add_language' | 'remove_language'; tag: string }
  | { type: 'chair'; of: 'opening' | 'closing'; key: number | null }
  | { type: 'duty'; duty: 'reports' | 'pauses'; owed: boolean }
  | { type: 'item'; key: number; item: Partial<Omit<ItemDraft, 'key'>> }
  | { type: 'add_item' }
  | { type: 'remove_item'; key: number };

/** Two sides; opening words in public, called `first`, and one item behind closed doors. */
export const emptyDraft = (first: string): Draft => ({
  title: '',
  delegations: [
    { key: 1, name: '' },
    { key: 2, name: '' },
  ],
  agenda: [
    { key: 3, title: first, public: true, ground: '' },
    { key: 4, title: '', public: false, ground: '' },
  ],
  languages: [],
  opening: null,
  closing: null,
  reports: false,
  pauses: false,
  nextKey: 5,
});

export function change(draft: Draft, change: Change): Draft {
  switch (change.type) {
    case 'title':
      return { ...draft, title: change.text };
    case 'delegation':
      return {
        ...draft,
        delegations: draft.delegations.map((it) => (it.key === change.key ? { ...it, name: change.name } : it)),
      };
    case 'add_delegation':
      if (draft.delegations.length >= DELEGATIONS_MAX) return draft;
      return {
        ...draft,
        delegations: [...draft.delegations, { key: draft.nextKey, name: '' }],
        nextKey: draft.nextKey + 1,
      };
    case 'remove_delegation':
      if (draft.delegations.length <= DELEGATIONS_MIN) return draft;
      return {
        ...draft,
        delegations: draft.delegations.filter(({ key }) => key !== change.key),
        opening: draft.opening === change.key ? null : draft.opening,
        closing: draft.closing === change.key ? null : draft.closing,
      };
    case 'add_language':
      if (draft.languages.length >= LANGUAGES_MAX || draft.languages.includes(change.tag)) return draft;
      return { ...draft, languages: [...draft.languages, change.tag] };
    case 'remove_language':
      return { ...draft, languages: draft.languages.filter((tag) => tag !== change.tag) };
    case 'chair':
      return { ...draft, [change.of]: change.key };
    case 'duty':
      return { ...draft, [change.duty]: change.owed };
    case 'item':
      return {
        ...draft,
        agenda: draft.agenda.map((it) => (it.key === change.key ? { ...it, ...change.item } : it)),
      };
    case 'add_item':
      if (draft.agenda.length >= ITEMS_MAX) return draft;
      return {
        ...draft,
        agenda: [...draft.agenda, { key: draft.nextKey, title: '', public: false, ground: '' }],
        nextKey: draft.nextKey + 1,
      };
    case 'remove_item':
      if (draft.agenda.length <= 1) return draft;
      return { ...draft, agenda: draft.agenda.filter(({ key }) => key !== change.key) };
    default:
      return change satisfies never;
  }
}

export type Fault = 'wrong-title' | 'wrong-name' | 'wrong-twice' | 'wrong-item' | 'wrong-ground' | 'wrong-long';

/** By field: `title`, `delegation-<key>`, `item-<key>`, `ground-<key>`, which are also the ids of the inputs. */
export type Faults = Readonly<Record<string, Fault>>;

export function faultsOf(draft: Draft): Faults {
  const faults: Record<string, Fault> = {};
  const check = (field: string, value: string, missing: Fault, bytesMax: number): void => {
    if (value.trim() === '') faults[field] = missing;
    else if (bytesOf(value.trim()) > bytesMax) faults[field] = 'wrong-long';
  };
  check('title', draft.title, 'wrong-title', TEXT_BYTES_MAX);
  const names = new Set<string>();
  for (const { key, name } of draft.delegations) {
    const field = `delegation-${key}`;
    check(field, name, 'wrong-name', NAME_BYTES_MAX);
    const folded = name.trim().toLocaleLowerCase();
    if (folded !== '' && names.has(folded)) faults[field] = 'wrong-twice';
    names.add(folded);
  }
  for (const item of draft.agenda) {
    check(`item-${item.key}`, item.title, 'wrong-item', TEXT_BYTES_MAX);
    if (!item.public) check(`ground-${item.key}`, item.ground, 'wrong-ground', TEXT_BYTES_MAX);
  }
  return faults;
}

/** What the founding document is made of. */
export const charterOf = (draft: Draft, language: string): Charter => ({
  title: draft.title.trim(),
  languages: draft.languages.length > 0 ? [...draft.languages] : [language],
  delegations: draft.delegations.map(({ name }) => ({ name: name.trim() })),
  agenda: draft.agenda.map((item) => ({
    title: item.title.trim(),
    public: item.public,
    ground: item.public ? '' : item.ground.trim(),
  })),
  opening_chair: chairOf(draft, draft.opening),
  closing_chair: chairOf(draft, draft.closing),
  reports: draft.reports,
  pauses: draft.pauses,
});

/** The number of a delegation in the charter. */
function chairOf({ delegations }: Draft, chair: number | null): number | null {
  const index = delegations.findIndex(({ key }) => key === chair);
  return index < 0 ? null : index;
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
