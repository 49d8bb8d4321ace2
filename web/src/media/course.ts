/** The course of getting connected, without timers or connections: what the person is shown, and when to try again. */

export type LinkState =
  | 'none'
  | 'connecting'
  | 'up'
  | 'lost'
  /** The house carries as many people as it can, and those who are in go first. */
  | 'full'
  /** The house answers, but nothing of picture and sound gets through: the network blocks UDP, and there is no relay. */
  | 'blocked'
  /** The same, although the house has a relay. */
  | 'blocked-relay';

export interface Course {
  link: LinkState;
  /** Since when nothing flows; `null` while it does, or nothing was tried. */
  down_since_ms: number | null;
  /** The house took an offer in the last attempt, so it can be reached. */
  answered: boolean;
  /** Attempts in a row that the house did not answer, or refused. */
  failures: number;
}

export const beforeAll: Course = { link: 'none', down_since_ms: null, answered: false, failures: 0 };

export type CourseEvent =
  | { type: 'begun' }
  | { type: 'answered' }
  | { type: 'unanswered' }
  /** The house answered that it has no room now. */
  | { type: 'full' }
  | { type: 'up' }
  /** What was up flows no more, or what was answered did not come up. */
  | { type: 'lost' }
  /** Time has passed. */
  | { type: 'waited'; relayed: boolean };

/** How long nothing may flow while the house answers before the person is told that their network is in the way. */
export const BLOCKED_MS = 20_000;

/**
 * How long an answered attempt may take. Shorter than the engine's ten seconds, after which it forgets the attempt; a
 * relay over TLS on a slow line takes three.
 */
export const CONNECT_MS_MAX = 8_000;

/**
 * ICE goes to `disconnected` when nothing came for some seconds, in a tunnel or after a change of network; after this
 * long it is made anew. Two seconds more leave a line that only stuttered in peace.
 */
export const PATIENCE_MS = 2_000;

/** Between attempts that the house has answered: its answer shows that it is there, so nobody need wait long. */
const AGAIN_MS = 500;

export function step(course: Course, event: CourseEvent, now_ms: number): Course {
  const down_since_ms = course.down_since_ms ?? now_ms;
  switch (event.type) {
    case 'begun':
      return { ...course, down_since_ms, link: isNamed(course) ? course.link : 'connecting' };
    case 'answered':
      return { ...course, answered: true, failures: 0, link: course.link === 'full' ? 'connecting' : course.link };
    case 'unanswered':
      return { ...course, down_since_ms, answered: false, failures: course.failures + 1, link: 'lost' };
    case 'full':
      return { ...course, down_since_ms, answered: false, failures: course.failures + 1, link: 'full' };
    case 'lost':
      return { ...course, down_since_ms, link: isBlocked(course) ? course.link : 'lost' };
    case 'up':
      return { link: 'up', down_since_ms: null, answered: false, failures: 0 };
    case 'waited': {
      const long = course.down_since_ms !== null && now_ms - course.down_since_ms >= BLOCKED_MS;
      if (!long || !course.answered) return course;
      return { ...course, link: event.relayed ? 'blocked-relay' : 'blocked' };
    }
    default:
      return event satisfies never;
  }
}

/** What the person was told stays there while it is tried again. */
const isNamed = (course: Course): boolean => isBlocked(course) || course.link === 'full';

const isBlocked = ({ link }: Course): boolean => link === 'blocked' || link === 'blocked-relay';

/** How long to wait before the next attempt; `random` in [0, 1). */
export function waitMs(course: Course, random: number, backoff: (attempt: number, random: number) => number): number {
  return course.answered ? Math.round(AGAIN_MS * (0.5 + random / 2)) : backoff(Math.max(0, course.failures - 1), random);
}
