import { describe, expect, it } from 'vitest';
import type { PublicPhase } from '../protocol/PublicPhase';
import type { PublicState } from '../protocol/PublicState';
import { courseOf, nothingYet, step } from './state';

const meeting = (phase: PublicPhase, change: Partial<PublicState> = {}): PublicState => ({
  meeting: 'm',
  title: 'Talks',
  delegations: [],
  agenda: [],
  phase,
  part: 1,
  item: null,
  since_ms: 0,
  convened_at_ms: 0,
  started_at_ms: 1_000,
  adjourned_at_ms: null,
  announcements: [],
  published: 0,
  reports: false,
  pauses: false,
  attended: [],
  unheard_since_ms: null,
  from_house: null,
  parts: [],
  present: [],
  ...change,
});

const key = (kid: string) => ({ kid, enc_key: '', salt: '' });
const here = (phase: PublicPhase, instance = 'a', keys = [key('1')]) =>
  ({ type: 'here', ticket: `t-${instance}`, instance, state: meeting(phase), keys }) as const;

describe('the keys of the public', () => {
  it('are forgotten when the meeting is closed, and not while it is closing', () => {
    const open = step(step(nothingYet, here('open')), { type: 'disclosed', keys: [key('2')] });
    expect(open.keys.map(({ kid }) => kid)).toEqual(['1', '2']);
    const closing = step(open, { type: 'state', state: meeting('closing') });
    expect(closing.keys).toHaveLength(2);
    expect(step(closing, { type: 'state', state: meeting('closed') }).keys).toEqual([]);
    expect(step(open, { type: 'state', state: meeting('adjourned') }).keys).toEqual([]);
  });

  it('are not taken for a closed part, whatever the server sends on connecting', () => {
    expect(step(nothingYet, here('closed')).keys).toEqual([]);
  });
});

describe('the media connection', () => {
  it('is made anew when the server has started anew, and only then', () => {
    const first = step(nothingYet, here('open', 'a'));
    const again = step(step(first, { type: 'down' }), here('open', 'a'));
    expect(again.generation).toBe(first.generation);
    expect(step(again, here('open', 'b')).generation).toBe(first.generation + 1);
  });
});

describe('the first answer over HTTP', () => {
  it('does not overwrite what the socket has said', () => {
    const live = step(nothingYet, here('open'));
    expect(step(live, { type: 'read', state: meeting('closed') }).meeting?.phase).toBe('open');
  });
});

describe('the course of a meeting', () => {
  const parts = [
    { number: 1, open: false, item: null, started_at_ms: 1_000, ended_at_ms: 11_000 },
    { number: 2, open: true, item: 0, started_at_ms: 11_000, ended_at_ms: 31_000 },
    { number: 3, open: true, item: 0, started_at_ms: 41_000, ended_at_ms: null },
  ];

  it('counts what was open, and what runs until now', () => {
    expect(courseOf(meeting('open', { parts }), 51_000)).toEqual({ total_ms: 50_000, open_ms: 30_000 });
  });

  it('ends with the adjournment', () => {
    const over = meeting('adjourned', { parts, adjourned_at_ms: 45_000 });
    expect(courseOf(over, 99_000)).toEqual({ total_ms: 44_000, open_ms: 24_000 });
  });

  it('is nothing when nobody ever met', () => {
    expect(courseOf(meeting('adjourned', { started_at_ms: null, adjourned_at_ms: 5 }), 9)).toEqual({
      total_ms: 0,
      open_ms: 0,
    });
  });
});
