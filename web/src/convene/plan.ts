/** What the convener announces: the form's side of it. Pure. */

import type { PublicAnnouncement } from '../protocol/PublicAnnouncement';
import type { Plan } from '../worker/seal';

export type Fault = 'wrong-start' | 'wrong-past' | 'wrong-embargo' | 'wrong-long';
/** By field: `start`, `place`, `from`, which are also the ids of the inputs. */
export type Faults = Readonly<Record<string, Fault>>;

export interface PlanDraft {
  announces: boolean;
  /** As a `datetime-local` input has it, where the convener is: `2026-11-27T10:00`. */
  start: string;
  /** 0: not said. */
  minutes: number;
  place: string;
  /** Nobody outside is told before `from`. */
  embargo: boolean;
  from: string;
}

export const emptyPlan: PlanDraft = { announces: false, start: '', minutes: 60, place: '', embargo: false, from: '' };

/** Lengths to choose from, in minutes. */
export const LENGTHS = [0, 15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 1_440] as const;

const DAY_MS = 24 * 3_600_000;
/** As letters are valid. */
const AHEAD_MS_MAX = 399 * DAY_MS;
/** As the protocol's limits say. */
const PLACE_BYTES_MAX = 1_000;

export function planOf(draft: PlanDraft): Plan | null {
  const starts_at_ms = momentOf(draft.start);
  if (!draft.announces || starts_at_ms === null) return null;
  return {
    starts_at_ms,
    minutes: draft.minutes,
    place: draft.place.trim().replace(/\s+/g, ' '),
    public_from_ms: draft.embargo ? (momentOf(draft.from) ?? 0) : 0,
  };
}

export function faultsOfPlan(draft: PlanDraft, now_ms: number): Faults {
  const faults: Record<string, Fault> = {};
  if (!draft.announces) return faults;
  const start = momentOf(draft.start);
  if (start === null) faults['start'] = 'wrong-start';
  else if (start < now_ms - DAY_MS / 24 || start > now_ms + AHEAD_MS_MAX) faults['start'] = 'wrong-past';
  if (new TextEncoder().encode(draft.place).length > PLACE_BYTES_MAX) faults['place'] = 'wrong-long';
  if (draft.embargo) {
    const from = momentOf(draft.from);
    if (from === null || (start !== null && from > start)) faults['from'] = 'wrong-embargo';
  }
  return faults;
}

/** The form, filled in with what was announced last. */
export function draftOf(announced: PublicAnnouncement | undefined): PlanDraft {
  if (!announced) return { ...emptyPlan, announces: true };
  const { starts_at_ms, minutes, place, public_from_ms } = announced;
  const embargo = public_from_ms > 0;
  return {
    announces: true,
    start: inputOf(starts_at_ms),
    minutes,
    place,
    embargo,
    from: embargo ? inputOf(public_from_ms) : '',
  };
}

/** The moment that a `datetime-local` input names, where the convener is. */
export function momentOf(input: string): number | null {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(input) ? new Date(input).getTime() : NaN;
  return Number.isNaN(ms) ? null : ms;
}

export function inputOf(ms: number): string {
  const date = new Date(ms);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** "Europe/Berlin". */
export const zone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
