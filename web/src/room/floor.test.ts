import { describe, expect, it } from 'vitest';
import type { MemberView } from '../protocol/MemberView';
import { clockOf, firstToHear } from './floor';

const at = (seconds: number, gone_ms: number) => clockOf({ leaf: 0, began_at_ms: 1_000, seconds }, 1_000 + gone_ms);

describe('the clock of whoever speaks', () => {
  it('counts down to nothing and then over', () => {
    expect(at(120, 0)).toEqual({ says: 'left', time: '2:00' });
    expect(at(120, 61_500)).toEqual({ says: 'left', time: '0:59' });
    expect(at(120, 120_000)).toEqual({ says: 'left', time: '0:00' });
    expect(at(120, 121_000)).toEqual({ says: 'over', time: '0:01' });
    expect(at(60, 3_660_000)).toEqual({ says: 'over', time: '60:00' });
  });

  it('says how long it has been where no time was set', () => {
    expect(at(0, 65_000)).toEqual({ says: 'for', time: '1:05' });
  });

  it('does not go back before the beginning', () => {
    expect(at(60, -5_000)).toEqual({ says: 'left', time: '1:00' });
  });
});

describe('whom the house is asked to send first', () => {
  const view = (members: number, leaf: number | null) =>
    ({
      members: Array.from({ length: members }, (_, at) => ({ leaf: at, me: at === 0 })),
      floor: { speaker: leaf === null ? null : { leaf, began_at_ms: 0, seconds: 0 }, queue: [] },
    }) as unknown as MemberView;

  it('is whoever has the floor, where not everybody has a slot', () => {
    expect(firstToHear(view(6, 3), 4)).toBe(3);
  });

  it('is nobody where everybody is heard anyway: the house learns nothing of the floor', () => {
    expect(firstToHear(view(5, 3), 4)).toBeNull();
  });

  it('is nobody while nobody has the floor, or I have it', () => {
    expect(firstToHear(view(6, null), 4)).toBeNull();
    expect(firstToHear(view(6, 0), 4)).toBeNull();
    expect(firstToHear(null, 4)).toBeNull();
  });
});
