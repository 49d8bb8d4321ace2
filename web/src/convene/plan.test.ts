import { describe, expect, it } from 'vitest';
import { draftOf, emptyPlan, faultsOfPlan, inputOf, momentOf, planOf } from './plan';

const now = new Date(2026, 10, 24, 9).getTime();
const start = new Date(2026, 10, 25, 10, 30).getTime();
const good = { ...emptyPlan, announces: true, start: '2026-11-25T10:30', place: ' By  video ' };

describe('a plan', () => {
  it('is nothing unless something is announced', () => {
    expect(planOf(emptyPlan)).toBeNull();
    expect(faultsOfPlan(emptyPlan, now)).toEqual({});
  });

  it('is in the time of whoever announces', () => {
    expect(planOf(good)).toEqual({ starts_at_ms: start, minutes: 60, place: 'By video', public_from_ms: 0 });
    expect(faultsOfPlan(good, now)).toEqual({});
    expect(momentOf(inputOf(start))).toBe(start);
  });

  it('begins in the future and is public before it begins', () => {
    expect(faultsOfPlan({ ...good, start: '' }, now)).toEqual({ start: 'wrong-start' });
    expect(faultsOfPlan({ ...good, start: '2026-11-20T10:30' }, now)).toEqual({ start: 'wrong-past' });
    expect(faultsOfPlan({ ...good, start: '2028-11-20T10:30' }, now)).toEqual({ start: 'wrong-past' });
    const embargo = { ...good, embargo: true };
    expect(faultsOfPlan({ ...embargo, from: '2026-11-25T10:31' }, now)).toEqual({ from: 'wrong-embargo' });
    expect(faultsOfPlan(embargo, now)).toEqual({ from: 'wrong-embargo' });
    expect(faultsOfPlan({ ...embargo, from: '2026-11-25T10:30' }, now)).toEqual({});
  });

  it('is taken up again as it was announced', () => {
    const announced = { version: 2, at_ms: 1, starts_at_ms: start, minutes: 90, place: 'x', public_from_ms: start };
    expect(planOf(draftOf(announced))).toEqual({ starts_at_ms: start, minutes: 90, place: 'x', public_from_ms: start });
  });
});
