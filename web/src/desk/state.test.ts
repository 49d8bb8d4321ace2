import { describe, expect, it } from 'vitest';
import type { DeskOf, LetterOf } from '../worker/messages';
import type { Charter } from '../worker/seal';
import { type DeskEvent, type DeskState, inOrder, letterState, mayAct, newsOf, opening, step } from './state';

const charter: Charter = {
  title: 'Talks',
  languages: ['en'],
  delegations: [{ name: 'Ardania' }, { name: 'Borland' }],
  agenda: [],
  opening_chair: null,
  closing_chair: null,
  reports: false,
  pauses: false,
};

const letter = (id: string, change: Partial<LetterOf> = {}): LetterOf => ({
  id,
  name: id,
  role: 'adviser',
  ask: false,
  not_after_ms: 1_000,
  used: false,
  present: false,
  revoked: false,
  linked: true,
  ...change,
});

const view = (change: Partial<DeskOf> = {}): DeskOf => ({
  delegation: 0,
  connected: true,
  fingerprints: [['1'], null],
  letters: [],
  waiting: [],
  readout: null,
  joints: [],
  public: null,
  ...change,
});

const after = (...events: readonly DeskEvent[]): DeskState => events.reduce(step, opening);
const read = { type: 'read', charter, claimed: false, adjourned: false } as const;
const byDelegation = { ...read, link: { kind: 'delegation', delegation: 1 } } as const;

describe('a link at the desk', () => {
  it('of a delegation makes nothing until the person says so', () => {
    expect(after(byDelegation)).toMatchObject({ stage: 'offer', delegation: 1, fresh: false });
    expect(after(byDelegation, { type: 'started' })).toMatchObject({ stage: 'desk', fresh: true });
  });

  it('of a delegation that has its key already is too late', () => {
    expect(after({ ...byDelegation, claimed: true }).obstacle).toEqual({ what: 'taken' });
    expect(after(byDelegation, { type: 'started' }, { type: 'fatal', code: 'slot_taken', message: '' }).obstacle).toEqual({
      what: 'taken',
    });
  });

  it('of the desk is the desk, and its own link is nothing new', () => {
    const own = { ...read, claimed: true, link: { kind: 'desk', delegation: 1 } } as const;
    expect(after(own, { type: 'started' })).toMatchObject({ stage: 'desk', fresh: false, obstacle: null });
  });

  it('of a person is for another door', () => {
    const link = { kind: 'letter', delegation: 1, name: 'Ana', role: 'adviser', not_after_ms: 1, ask: false } as const;
    expect(after({ ...read, link }).obstacle).toEqual({ what: 'letter' });
  });
});

describe('what the person does', () => {
  it('counts only while the server hears it', () => {
    const up = after({ type: 'socket', up: true }, { type: 'view', view: view() });
    expect(mayAct(up)).toBe(true);
    expect(mayAct(step(up, { type: 'socket', up: false, how: { code: 1_006, attempt: 0 } }))).toBe(false);
    expect(mayAct(step(up, { type: 'view', view: view({ connected: false }) }))).toBe(false);
    expect(mayAct(opening)).toBe(false);
  });

  it('is refused in a sentence that stays until the next try', () => {
    const refused = after({ type: 'asked', what: 'mint' }, { type: 'refused', message: 'No.' });
    expect(refused).toMatchObject({ refusal: 'No.', minting: false });
    expect(step(refused, { type: 'asked', what: 'mint' })).toMatchObject({ refusal: null, minting: true });
  });
});

describe('a letter', () => {
  it('is in one state at a time', () => {
    const state = (change: Partial<LetterOf>) => letterState(letter('x', change), 1_001);
    expect(state({})).toBe('expired');
    expect(state({ not_after_ms: 1_001 })).toBe('unused');
    expect(state({ not_after_ms: 2_000, used: true })).toBe('away');
    expect(state({ used: true, present: true })).toBe('here');
    expect(state({ present: true, revoked: true })).toBe('revoked');
  });

  it('that is good comes before the dead ones, the newest first', () => {
    const letters = [letter('a', { revoked: true }), letter('b'), letter('c'), letter('d', { not_after_ms: 1 })];
    expect(inOrder(letters, 500).map(({ id }) => id)).toEqual(['c', 'b', 'd', 'a']);
  });
});

describe('what a screen reader is told', () => {
  const person = { id: 'x', name: 'Cyn', delegation: 0, role: 'adviser', instead: false };

  it('is who waits, also on the first view, and once', () => {
    const waiting = view({ waiting: [person] });
    expect(newsOf(null, waiting)).toEqual([{ say: 'waiting', person }]);
    expect(newsOf(waiting, waiting)).toEqual([]);
  });

  it('is who came and who went, but not all of it anew after a lost connection', () => {
    const without = view({ letters: [letter('a')] });
    const here = view({ letters: [letter('a', { present: true, used: true })] });
    expect(newsOf(without, here)).toEqual([{ say: 'here', name: 'a' }]);
    expect(newsOf(here, without)).toEqual([{ say: 'gone', name: 'a' }]);
    expect(newsOf({ ...without, connected: false }, here)).toEqual([]);
  });

  it('is that another delegation has its key', () => {
    expect(newsOf(view(), view({ fingerprints: [['1'], ['2']] }))).toEqual([{ say: 'claimed', delegation: 1 }]);
  });
});
