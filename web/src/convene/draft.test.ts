import { describe, expect, it } from 'vitest';
import { type Change, change, charterOf, type Draft, emptyDraft, faultsOf } from './draft';

const after = (...changes: readonly Change[]): Draft => changes.reduce(change, emptyDraft('Opening statements'));

const complete: readonly Change[] = [
  { type: 'title', text: ' Talks ' },
  { type: 'delegation', key: 1, name: 'Ardania' },
  { type: 'delegation', key: 2, name: 'Borland' },
  { type: 'item', key: 4, item: { title: 'Border', ground: 'Article 4' } },
];

describe('a draft', () => {
  it('of two sides, a public and a closed item has no faults', () => {
    expect(faultsOf(after(...complete))).toEqual({});
    expect(charterOf(after(...complete), 'en')).toEqual({
      title: 'Talks',
      languages: ['en'],
      delegations: [{ name: 'Ardania' }, { name: 'Borland' }],
      agenda: [
        { title: 'Opening statements', public: true, ground: '' },
        { title: 'Border', public: false, ground: 'Article 4' },
      ],
      opening_chair: null,
      closing_chair: null,
      reports: false,
      pauses: false,
    });
  });

  it('owes the public what the convener says, each for itself', () => {
    const reports = after(...complete, { type: 'duty', duty: 'reports', owed: true });
    expect(charterOf(reports, 'en')).toMatchObject({ reports: true, pauses: false });
    const pauses = [reports, { type: 'duty', duty: 'pauses', owed: true }, { type: 'duty', duty: 'reports', owed: false }] as const;
    const turned = change(change(pauses[0], pauses[1]), pauses[2]);
    expect(charterOf(turned, 'en')).toMatchObject({ reports: false, pauses: true });
  });

  it('names a chair by its number, and has none once that delegation is taken out', () => {
    const third: readonly Change[] = [...complete, { type: 'add_delegation' }];
    const chaired = after(...third, { type: 'chair', of: 'opening', key: 5 }, { type: 'chair', of: 'closing', key: 2 });
    expect(charterOf(chaired, 'en')).toMatchObject({ opening_chair: 2, closing_chair: 1 });
    const without = change(chaired, { type: 'remove_delegation', key: 5 });
    expect(charterOf(without, 'en')).toMatchObject({ opening_chair: null, closing_chair: 1 });
  });

  it('has a channel for each language that is added, and that of the convener when none is', () => {
    const add = (tag: string): Change => ({ type: 'add_language', tag });
    const draft = after(...complete, add('fr'), add('en'), add('fr'), add('ar'), { type: 'remove_language', tag: 'en' });
    expect(charterOf(draft, 'de').languages).toEqual(['fr', 'ar']);
    expect(charterOf(after(...complete), 'de').languages).toEqual(['de']);
    const many = after(...complete, ...Array.from({ length: 30 }, (_, n) => add(`x-${n}`)));
    expect(many.languages).toHaveLength(24);
  });

  it('says what is missing, by field', () => {
    expect(faultsOf(emptyDraft('Opening statements'))).toEqual({
      'title': 'wrong-title',
      'delegation-1': 'wrong-name',
      'delegation-2': 'wrong-name',
      'item-4': 'wrong-item',
      'ground-4': 'wrong-ground',
    });
  });

  it('does not take one name for two sides', () => {
    const twice = after(...complete, { type: 'delegation', key: 2, name: ' ardania ' });
    expect(faultsOf(twice)).toEqual({ 'delegation-2': 'wrong-twice' });
  });

  it('counts bytes as the server does, not characters', () => {
    const long = after(...complete, { type: 'delegation', key: 2, name: 'é'.repeat(101) });
    expect(faultsOf(long)).toEqual({ 'delegation-2': 'wrong-long' });
  });

  it('keeps two delegations and one item', () => {
    const less = after({ type: 'remove_delegation', key: 1 }, { type: 'remove_item', key: 3 }, { type: 'remove_item', key: 4 });
    expect(less.delegations).toHaveLength(2);
    expect(less.agenda.map(({ key }) => key)).toEqual([4]);
  });

  it('never gives a removed row’s key to a new one', () => {
    const more = after({ type: 'add_delegation' }, { type: 'remove_delegation', key: 5 }, { type: 'add_delegation' });
    expect(more.delegations.map(({ key }) => key)).toEqual([1, 2, 6]);
  });

  it('has no ground for an item in public, even if one was typed before', () => {
    const open = after(...complete, { type: 'item', key: 4, item: { public: true } });
    expect(charterOf(open, 'en').agenda[1]?.ground).toBe('');
  });
});
