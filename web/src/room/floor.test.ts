import { describe, expect, it } from 'vitest';
import { clockOf } from './floor';

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
