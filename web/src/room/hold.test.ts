import { describe, expect, it } from 'vitest';
import { HOLD_MS, isClick, isHeld, press, release, SETTLE_MS, shownAt } from './hold';

describe('a confirmation', () => {
  const settled = 10_000 + SETTLE_MS;

  it('is not given by a key that was on its way when the question appeared', () => {
    const hold = press(shownAt(10_000), 10_100);
    expect(isHeld(hold, 20_000)).toBe(false);
    expect(isClick(hold, false, 10_100)).toBe(false);
  });

  it('is given by a click once the question was there long enough to be read', () => {
    expect(isClick(shownAt(10_000), false, settled)).toBe(true);
  });

  it('is not given by the click that a browser makes of Enter', () => {
    expect(isClick(press(shownAt(10_000), settled), true, settled)).toBe(false);
  });

  it('is given by a key that is held, and not by one that is let go', () => {
    const hold = press(shownAt(10_000), settled);
    expect(isHeld(hold, settled + HOLD_MS - 1)).toBe(false);
    expect(isHeld(hold, settled + HOLD_MS)).toBe(true);
    expect(isHeld(release(hold), settled + HOLD_MS)).toBe(false);
  });

  it('counts from the first press, not from each repetition', () => {
    expect(press(press(shownAt(10_000), settled), settled + 500).since_ms).toBe(settled);
  });
});
