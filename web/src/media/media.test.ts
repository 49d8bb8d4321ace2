import { describe, expect, it } from 'vitest';
import { isWanted } from './codecs';
import { faultOf } from './devices';
import { loudness } from './level';
import { estranged, leaking, ON_THE_WAY_MAX } from './watchdog';

describe('the watchdog', () => {
  it('barks at frames that the worker never saw', () => {
    expect(leaking([{ id: 1, made: ON_THE_WAY_MAX + 1, seen: 0, encoders: 1 }])).toEqual([1]);
  });

  it('is calm while frames are on their way, and when the worker was asked later', () => {
    expect(leaking([{ id: 1, made: 100, seen: 100 - ON_THE_WAY_MAX, encoders: 1 }])).toEqual([]);
    expect(leaking([{ id: 1, made: 100, seen: 140, encoders: 1 }])).toEqual([]);
  });

  it('barks at a codec that this page never offers, and not before one is negotiated', () => {
    const camera = (...types: string[]) => ({ kind: 'video' as const, types });
    expect(estranged([camera(), camera('video/VP8', 'video/rtx'), { kind: 'audio', types: ['audio/opus'] }])).toBe(false);
    for (const type of ['video/H264', 'video/AV1', 'video/VP9', 'video/red']) {
      expect(estranged([camera('video/VP8', type)])).toBe(true);
    }
    expect(estranged([{ kind: 'audio', types: ['audio/red'] }])).toBe(true);
  });
});

describe('codecs', () => {
  it('are Opus and VP8 with retransmission', () => {
    expect(isWanted('audio/opus', 'audio')).toBe(true);
    expect(isWanted('audio/red', 'audio')).toBe(false);
    expect(['video/VP8', 'video/rtx'].every((type) => isWanted(type, 'video'))).toBe(true);
    expect(['video/H264', 'video/AV1', 'video/VP9', 'video/red'].some((type) => isWanted(type, 'video'))).toBe(false);
  });
});

describe('devices', () => {
  it('fail in ways that a person can act on', () => {
    expect(faultOf('NotAllowedError')).toBe('denied');
    expect(faultOf('NotFoundError')).toBe('absent');
    expect(faultOf('NotReadableError')).toBe('busy');
    expect(faultOf('TypeError')).toBe('failed');
  });

  it('show their level in decibels', () => {
    expect(loudness(new Float32Array(64))).toBe(0);
    expect(loudness(new Float32Array(64).fill(1))).toBe(1);
    expect(loudness(new Float32Array(64).fill(0.0316))).toBeCloseTo(0.5, 2);
  });
});
