import { describe, expect, it } from 'vitest';
import { daysOf, emptyDraft, faultsOf, mintOf } from './mint';

const DAY_MS = 24 * 3_600_000;
const noon = new Date(2026, 10, 23, 12).getTime();

describe('a letter that is made out', () => {
  it('is valid for a month unless the person says otherwise, to the last moment of the day', () => {
    const days = daysOf(noon, noon);
    expect(days).toMatchObject({ first: '2026-11-23', usual: '2026-12-23' });
    const mint = mintOf({ ...emptyDraft(days), name: ' Ana ' });
    expect(mint).toEqual({
      type: 'mint',
      name: 'Ana',
      role: 'principal',
      ask: false,
      not_after_ms: new Date(2026, 11, 24).getTime() - 1,
    });
  });

  it('is never valid for longer than a letter may be', () => {
    const days = daysOf(noon - 399 * DAY_MS, noon);
    const latest = noon + DAY_MS;
    const ends = (until: string) => {
      const mint = mintOf({ ...emptyDraft(days), until });
      return mint.type === 'mint' ? mint.not_after_ms : 0;
    };
    expect(days.usual).toBe(days.last);
    expect(ends(days.last)).toBeLessThanOrEqual(latest);
    expect(ends(daysOf(noon, noon).last)).toBeLessThanOrEqual(noon + 400 * DAY_MS);
  });

  it('has a name that is not too long, and a day that is still to come', () => {
    const days = daysOf(noon, noon);
    const good = { ...emptyDraft(days), name: 'Ana' };
    expect(faultsOf(good, days)).toEqual({});
    expect(faultsOf({ ...good, name: '  ' }, days)).toEqual({ name: 'name-missing' });
    expect(faultsOf({ ...good, name: 'é'.repeat(101) }, days)).toEqual({ name: 'name-long' });
    expect(faultsOf({ ...good, until: days.first }, days)).toEqual({});
    for (const until of ['', 'soon', '2026-11-22', '2099-01-01']) {
      expect(faultsOf({ ...good, until }, days), until).toEqual({ until: 'until-wrong' });
    }
  });
});
