import { describe, expect, it } from 'vitest';
import { isForPage, signOf } from '../base/keys';
import type { BoothsOf } from '../protocol/BoothsOf';
import type { ChannelOf } from '../protocol/ChannelOf';
import { CEILING_DB, ceilingCurve, gainOf, LIMIT_DB, LIMIT_RATIO, makeupOf } from './ear';
import { deedOf, isCough, KEYS } from './keys';
import { nothingRead, qualityOf, wholenessOf } from '../media/quality';
import { airOf, sourcesOf, turnOf } from './turns';

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const key = (sign: string, code = `Key${sign.toUpperCase()}`, more = {}) => ({ ...none, key: sign, code, ...more });

const [ME, PARTNER] = [4, 6];
const channel = (language: string, change: Partial<ChannelOf> = {}): ChannelOf => ({
  language,
  voice: null,
  since_ms: null,
  relays: null,
  sitters: [],
  listeners: null,
  ...change,
});
const sitter = (leaf: number, wants = false) => ({ leaf, hears: null, wants });
const inFrench = (french: Partial<ChannelOf>, change: Partial<BoothsOf> = {}): BoothsOf => ({
  may: true,
  attends: false,
  listens: null,
  sits: 1,
  on_air: french.voice === ME,
  channels: [channel('en'), channel('fr', french), channel('de')],
  ...change,
});

describe('the keys of the desk', () => {
  it('each do one thing, and none does two', () => {
    const signs = Object.values(KEYS);
    expect(new Set(signs).size).toBe(signs.length);
    expect(deedOf(key('a'))).toEqual({ do: 'air' });
    expect(deedOf(key('o'))).toEqual({ do: 'hand-over' });
    expect(deedOf(key('x'))).toEqual({ do: 'take' });
    expect(deedOf(key('s'))).toEqual({ do: 'slower' });
    expect(deedOf(key('l'))).toEqual({ do: 'help' });
    expect(deedOf(key('n'))).toEqual({ do: 'note' });
    expect(deedOf(key('r'))).toEqual({ do: 'read' });
    expect(deedOf(key('b'))).toEqual({ do: 'bass-up' });
    expect(deedOf(key('T', 'KeyT', { shiftKey: true }))).toEqual({ do: 'treble-down' });
    expect(deedOf(key('q'))).toBeUndefined();
    expect(isCough(key('c'))).toBe(true);
    expect(deedOf(key('c'))).toBeUndefined();
  });

  it('are not those of the room: M, V and H', () => {
    for (const sign of ['m', 'v', 'h']) expect(deedOf(key(sign))).toBeUndefined();
  });

  it('are at their place where the keyboard writes another alphabet', () => {
    expect(signOf(key('ф', 'KeyA'))).toBe('A');
    expect(deedOf(key('ф', 'KeyA'))).toEqual({ do: 'air' });
  });

  it('take digits by their place, which a French keyboard writes with Shift', () => {
    expect(deedOf(key('&', 'Digit1'))).toEqual({ do: 'ready', source: 1 });
    expect(deedOf(key('1', 'Digit1', { shiftKey: true }))).toEqual({ do: 'sit', booth: 1 });
    expect(deedOf(key('2', 'Numpad2'))).toEqual({ do: 'ready', source: 2 });
  });

  it('are nobody’s with a modifier', () => {
    for (const held of ['ctrlKey', 'metaKey', 'altKey']) {
      expect(isForPage({ ...key('a', 'KeyA', { [held]: true }), target: null })).toBe(false);
    }
    expect(isForPage({ ...key('a'), target: null })).toBe(true);
  });
});

describe('the microphone of a booth', () => {
  it('is taken when it is free or offered, given back by whoever has it, and never torn away', () => {
    expect(airOf(inFrench({}))).toEqual({ type: 'air', on: true });
    expect(airOf(inFrench({ voice: ME }))).toEqual({ type: 'air', on: false });
    expect(airOf(inFrench({ voice: PARTNER, sitters: [sitter(ME), sitter(PARTNER)] }))).toBeNull();
    expect(airOf(inFrench({ voice: PARTNER, sitters: [sitter(ME, true), sitter(PARTNER)] }))).toBeNull();
    expect(airOf(inFrench({ voice: PARTNER, sitters: [sitter(ME), sitter(PARTNER, true)] }))).toEqual({
      type: 'air',
      on: true,
    });
    expect(airOf(inFrench({}, { sits: null }))).toBeNull();
  });
});

describe('a handover', () => {
  const turn = (voice: number | null, ...sitters: ReturnType<typeof sitter>[]) => turnOf(inFrench({ voice, sitters }), ME);

  it('is asked for by whoever is off the air, and given by whoever is on it', () => {
    expect(turn(PARTNER, sitter(ME), sitter(PARTNER))).toMatchObject({
      says: 'ask',
      leaf: PARTNER,
      command: { type: 'hand_over', wanted: true },
    });
    expect(turn(PARTNER, sitter(ME, true), sitter(PARTNER))).toMatchObject({
      says: 'unask',
      command: { type: 'hand_over', wanted: false },
    });
    expect(turn(ME, sitter(ME), sitter(PARTNER, true))).toMatchObject({
      says: 'give',
      leaf: PARTNER,
      command: { type: 'hand_over', wanted: true },
    });
  });

  it('is offered by whoever is on the air, and accepted by taking the microphone', () => {
    expect(turn(ME, sitter(ME), sitter(PARTNER))).toMatchObject({ says: 'offer', command: { wanted: true } });
    expect(turn(ME, sitter(ME, true), sitter(PARTNER))).toMatchObject({ says: 'unoffer', command: { wanted: false } });
    expect(turn(PARTNER, sitter(ME), sitter(PARTNER, true))).toMatchObject({
      says: 'accept',
      command: { type: 'air', on: true },
    });
  });

  it('has nobody to go to alone, and nothing to hand over while the channel is silent', () => {
    expect(turn(ME, sitter(ME))).toMatchObject({ says: 'alone', command: null });
    expect(turn(null, sitter(ME), sitter(PARTNER))).toMatchObject({ says: 'nobody', command: null });
  });
});

describe('what can be heard in a booth', () => {
  it('is the floor and the others, never one’s own nor what is made from it, over any number of relays', () => {
    const booths = inFrench({}, { channels: [channel('en', { relays: 1 }), channel('fr'), channel('de', { relays: 0 })] });
    expect(sourcesOf(booths).map(({ circular }) => circular)).toEqual([false, true, true, true]);
    expect(sourcesOf(inFrench({})).map(({ circular }) => circular)).toEqual([false, false, true, false]);
  });

  it('ends where relays go round without one’s own booth', () => {
    const booths = inFrench({}, { channels: [channel('en', { relays: 2 }), channel('fr'), channel('de', { relays: 0 })] });
    expect(sourcesOf(booths).map(({ circular }) => circular)).toEqual([false, false, true, false]);
  });
});

describe('the limiter', () => {
  it('lets nothing past its ceiling, and leaves what is below it as it is', () => {
    const ceiling = gainOf(CEILING_DB);
    const curve = ceilingCurve(ceiling);
    expect(Math.max(...curve)).toBeCloseTo(ceiling);
    expect(Math.min(...curve)).toBeCloseTo(-ceiling);
    expect(curve[1_024]).toBe(0);
    expect(curve[1_024 + 256]).toBeCloseTo(0.25);
  });

  it('takes back what a compressor adds', () => {
    // 12 dB over the threshold come out as 0.6: 11.4 dB less, of which the compressor gives back 6.84.
    expect(20 * Math.log10(makeupOf(LIMIT_DB, LIMIT_RATIO))).toBeCloseTo(6.84);
  });
});

describe('how well the sound comes', () => {
  const read = (packets: number, lost = 0, made_up = 0) => ({ packets, lost, made_up, samples: packets * 960 });

  it('is said by what is missing of it', () => {
    expect(wholenessOf(nothingRead, read(0))).toBe('nothing');
    expect(wholenessOf(read(500), read(500, 3))).toBe('nothing');
    expect(wholenessOf(nothingRead, read(100, 1))).toBe('good');
    expect(wholenessOf(nothingRead, read(100, 4))).toBe('uneven');
    expect(wholenessOf(nothingRead, read(100, 0, 5_000))).toBe('uneven');
    expect(wholenessOf(nothingRead, read(100, 20))).toBe('poor');
  });

  it('is the worst of what is missing and of how it sounds', () => {
    expect(qualityOf('good', 'fine', true)).toBe('good');
    expect(qualityOf('uneven', 'fine', true)).toBe('uneven');
    expect(qualityOf('uneven', 'narrow', true)).toBe('narrow');
    expect(qualityOf('poor', 'distorted', true)).toBe('poor');
    expect(qualityOf('good', 'sound', true)).toBe('good');
    // As long as the browser plays nothing, only what it counts is known.
    expect(qualityOf('good', undefined, true)).toBe('good');
  });

  it('is not missing because nobody speaks', () => {
    expect(qualityOf('nothing', 'silent', false)).toBe('silent');
    expect(qualityOf('good', 'silent', true)).toBe('silent');
    expect(qualityOf('nothing', 'silent', true)).toBe('nothing');
  });
});
