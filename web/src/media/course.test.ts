import { describe, expect, it } from 'vitest';
import { backoffMs } from '../base/backoff';
import { beforeAll, BLOCKED_MS, type Course, type CourseEvent, step, waitMs } from './course';

/** Events with their times, from the beginning. */
const after = (...events: [number, CourseEvent][]): Course =>
  events.reduce((course, [now, event]) => step(course, event, now), beforeAll);

const waited = { type: 'waited', relayed: false } as const;

describe('a network that lets no picture or sound through', () => {
  it('is named when the house answers and nothing flows for long', () => {
    const tried: [number, CourseEvent][] = [
      [0, { type: 'begun' }],
      [100, { type: 'answered' }],
      [8_100, { type: 'lost' }],
      [8_500, { type: 'begun' }],
      [8_600, { type: 'answered' }],
    ];
    expect(after(...tried, [BLOCKED_MS - 1, waited]).link).toBe('connecting');
    expect(after(...tried, [BLOCKED_MS, waited]).link).toBe('blocked');
    expect(after(...tried, [BLOCKED_MS, { type: 'waited', relayed: true }]).link).toBe('blocked-relay');
  });

  it('stays named through further attempts, until something flows', () => {
    const blocked: [number, CourseEvent][] = [
      [0, { type: 'begun' }],
      [100, { type: 'answered' }],
      [BLOCKED_MS, waited],
    ];
    expect(after(...blocked, [21_000, { type: 'lost' }], [21_500, { type: 'begun' }]).link).toBe('blocked');
    expect(after(...blocked, [22_000, { type: 'up' }]).link).toBe('up');
  });

  it('is not blamed when the house itself is away', () => {
    expect(after([0, { type: 'begun' }], [100, { type: 'unanswered' }], [60_000, waited]).link).toBe('lost');
  });

  it('is not blamed for a line that was up until a moment ago', () => {
    const lost = after([0, { type: 'begun' }], [1, { type: 'answered' }], [2, { type: 'up' }], [60_000, { type: 'lost' }]);
    expect(step(lost, waited, 61_000).link).toBe('lost');
  });
});

describe('a house that is full', () => {
  const refused: [number, CourseEvent][] = [
    [0, { type: 'begun' }],
    [100, { type: 'full' }],
  ];

  it('is named as that until it lets somebody in', () => {
    expect(after(...refused, [500, { type: 'begun' }]).link).toBe('full');
    expect(after(...refused, [500, { type: 'begun' }], [600, { type: 'full' }]).link).toBe('full');
    expect(after(...refused, [500, { type: 'begun' }], [600, { type: 'answered' }]).link).toBe('connecting');
    expect(after(...refused, [500, { type: 'begun' }], [600, { type: 'answered' }], [700, { type: 'up' }]).link).toBe('up');
  });

  it('is asked ever more rarely, and the network is not blamed', () => {
    const twice = after(...refused, [500, { type: 'begun' }], [600, { type: 'full' }]);
    expect(waitMs(twice, 0, backoffMs)).toBeGreaterThan(waitMs(after(...refused), 0, backoffMs));
    expect(step(twice, waited, 60_000).link).toBe('full');
  });
});

describe('the next attempt', () => {
  it('comes soon when the house has answered', () => {
    const failed = after([0, { type: 'begun' }], [100, { type: 'answered' }], [8_100, { type: 'lost' }]);
    expect(waitMs(failed, 0.99, backoffMs)).toBeLessThanOrEqual(500);
  });

  it('comes ever later while it does not', () => {
    const once = after([0, { type: 'begun' }], [1, { type: 'unanswered' }]);
    const twice = step(step(once, { type: 'begun' }, 2), { type: 'unanswered' }, 3);
    expect(waitMs(once, 0, backoffMs)).toBe(125);
    expect(waitMs(twice, 0, backoffMs)).toBe(250);
  });
});
