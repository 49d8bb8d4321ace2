import { describe, expect, it } from 'vitest';
import type { Occupant } from '../worker/pump';
import { BENEATH, COMING_MS, levelsOf, readRemembered, RISE_S, saysOf, SWITCH_S, type Tuned, tune, untuned } from './channels';

const LAST = 4;
const inLast = (leaf: number | null, refused = false): Record<number, Occupant> => ({
  [LAST]: { id: LAST, leaf, stream: 0, open: false, refused },
});
const french: Tuned = { choice: 1, voice: 7, since_ms: 1_000 };
const later = 1_000 + COMING_MS;

describe('what is said of a channel', () => {
  it('is nothing while the floor is chosen', () => {
    expect(saysOf(untuned, inLast(3), LAST, later)).toBe('floor');
  });

  it('is that it is heard, as long as it comes from whoever is on the air', () => {
    expect(saysOf(french, inLast(7), LAST, later)).toBe('channel');
  });

  it('is that nobody interprets, whatever comes', () => {
    expect(saysOf({ ...french, voice: null }, inLast(7), LAST, later)).toBe('nobody');
  });

  it('is that nothing comes, but not before it had time to come', () => {
    expect(saysOf(french, inLast(null), LAST, later - 1)).toBe('channel');
    expect(saysOf(french, inLast(null), LAST, later)).toBe('missing');
    expect(saysOf(french, {}, LAST, later)).toBe('missing');
    expect(saysOf(french, {}, undefined, later)).toBe('missing');
  });

  it('is that somebody else’s sound came and was not let through', () => {
    expect(saysOf(french, inLast(null, true), LAST, later)).toBe('stranger');
    expect(saysOf(french, inLast(3), LAST, later)).toBe('missing');
  });
});

describe('tuning', () => {
  it('begins anew with another choice or another voice, and not otherwise', () => {
    expect(tune(french, 1, 7, 9_000)).toBe(french);
    expect(tune(french, 2, 7, 9_000)).toEqual({ choice: 2, voice: 7, since_ms: 9_000 });
    expect(tune(french, 1, 8, 9_000)).toEqual({ choice: 1, voice: 8, since_ms: 9_000 });
  });
});

describe('the floor', () => {
  it('stays beneath a channel as loud as the person says', () => {
    expect(levelsOf('floor', 'channel', 0.35)).toEqual({ floor: 0.35, channel: 1, floor_s: SWITCH_S });
    expect(levelsOf('channel', 'channel', 0)).toEqual({ floor: 0, channel: 1, floor_s: SWITCH_S });
  });

  it('is back at once for whoever chooses it', () => {
    expect(levelsOf('channel', 'floor', BENEATH)).toEqual({ floor: 1, channel: 0, floor_s: SWITCH_S });
  });

  it('comes up slowly when a channel falls silent', () => {
    for (const says of ['nobody', 'missing', 'stranger'] as const) {
      expect(levelsOf('channel', says, BENEATH)).toEqual({ floor: 1, channel: 0, floor_s: RISE_S });
    }
  });
});

describe('what is remembered of a meeting', () => {
  it('is the language and the level', () => {
    const kept = { language: 'fr', beneath: 0.5 };
    expect(readRemembered(JSON.stringify(kept))).toEqual(kept);
  });

  it('is nothing when it was never kept, or was kept by something else', () => {
    const nothing = { language: null, beneath: BENEATH };
    for (const json of [null, '', '3', 'null', '{"language":3,"beneath":"x"}', '{"language":null,"beneath":7}']) {
      expect(readRemembered(json)).toEqual(nothing);
    }
  });
});
