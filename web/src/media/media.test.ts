import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isWanted } from './codecs';
import { faultOf, otherCamera } from './devices';
import { loudness } from './level';
import { hasSpoken, isLossy, nothingRead, sentOf, voiceOf } from './quality';
import { type Alarm, estranged, leaking, ON_THE_WAY_MAX, watch } from './watchdog';

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

describe('the watchdog and the silence of the worker', () => {
  let now = 0;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  /** One turn of the page, which comes so long after the last; whatever is ready is then read. */
  const turn = async (after_ms = 1_000): Promise<void> => {
    now += after_ms;
    await vi.advanceTimersByTimeAsync(1_000);
  };

  function watching(): { alarms: Alarm[]; answer: () => void; stop: () => void } {
    const alarms: Alarm[] = [];
    let answer = (): void => undefined;
    const stop = watch({
      senders: () => [],
      tallies: () => new Promise((resolve) => (answer = () => resolve([]))),
      alarm: (why) => alarms.push(why),
    });
    return { alarms, answer: () => answer(), stop };
  }

  it('is told after seven seconds of a page that runs', async () => {
    const { alarms, stop } = watching();
    for (let n = 0; n < 6; n += 1) await turn();
    expect(alarms).toEqual([]);
    await turn();
    expect(alarms).toEqual(['silent']);
    stop();
  });

  it('is not told when the page itself had stood still, or the machine had slept', async () => {
    const { alarms, answer, stop } = watching();
    for (const pause_ms of [8_000, 60_000, 3_600_000]) {
      await turn();
      await turn(pause_ms);
      answer();
    }
    expect(alarms).toEqual([]);
    stop();
  });

  it('is not told of a busy page that comes to its turn every third second, as long as there is an answer', async () => {
    const { alarms, answer, stop } = watching();
    for (let n = 0; n < 40; n += 1) {
      await turn(3_000);
      if (n % 4 === 3) answer();
    }
    expect(alarms).toEqual([]);
    stop();
  });

  it('is told on a busy page too, only later', async () => {
    const { alarms, stop } = watching();
    for (let n = 0; n < 7; n += 1) await turn(3_000);
    expect(alarms).toEqual(['silent']);
    stop();
  });

  it('ends with an answer and begins anew with the next question', async () => {
    const { alarms, answer, stop } = watching();
    for (let n = 0; n < 5; n += 1) await turn();
    answer();
    for (let n = 0; n < 6; n += 1) await turn();
    expect(alarms).toEqual([]);
    await turn();
    expect(alarms).toEqual(['silent']);
    stop();
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
    const faults = (name: string): string => faultOf({ name, message: '' }, 'granted');
    expect(faults('NotFoundError')).toBe('absent');
    expect(faults('OverconstrainedError')).toBe('gone');
    expect(faults('NotReadableError')).toBe('busy');
    expect(faults('TypeError')).toBe('failed');
  });

  it('are refused by the page’s permission, by the machine, or by nobody', () => {
    const refused = (permission: 'granted' | 'denied' | 'prompt' | undefined, message = ''): string =>
      faultOf({ name: 'NotAllowedError', message }, permission);
    expect(refused('denied')).toBe('denied');
    expect(refused('prompt')).toBe('dismissed');
    expect(refused('granted')).toBe('system');
    expect(refused('prompt', 'Permission denied by system')).toBe('system');
    // A browser that does not tell of permissions: the commonest reason.
    expect(refused(undefined)).toBe('denied');
  });

  it('show their level in decibels', () => {
    expect(loudness(new Float32Array(64))).toBe(0);
    expect(loudness(new Float32Array(64).fill(1))).toBe(1);
    expect(loudness(new Float32Array(64).fill(0.0316))).toBeCloseTo(0.5, 2);
  });
});

describe('the other camera', () => {
  const track = (settings: MediaTrackSettings) => ({ getSettings: () => settings }) as MediaStreamTrack;
  const cameras = ['a', 'b', 'c'].map((deviceId) => ({ deviceId }) as MediaDeviceInfo);

  it('of a telephone is the one of the other side, however many it has', () => {
    expect(otherCamera(track({ facingMode: 'user', deviceId: 'a' }), cameras)).toEqual({ device: undefined, facing: 'environment' });
    expect(otherCamera(track({ facingMode: 'environment', deviceId: 'b' }), cameras)).toEqual({ device: undefined, facing: 'user' });
  });

  it('is the next where none has a side, and after the last the first', () => {
    expect(otherCamera(track({ deviceId: 'b' }), cameras)).toEqual({ device: 'c', facing: undefined });
    expect(otherCamera(track({ deviceId: 'c' }), cameras)).toEqual({ device: 'a', facing: undefined });
    expect(otherCamera(track({ facingMode: 'left', deviceId: 'a' }), cameras)).toEqual({ device: 'b', facing: undefined });
  });
});

describe('a connection that loses much', () => {
  const read = (packets: number, lost: number) => ({ ...nothingRead, packets, lost });

  it('is one of which words are missing, and not one on which little is said', () => {
    expect(isLossy(read(100, 0), read(200, 5))).toBe(false);
    expect(isLossy(read(100, 0), read(200, 20))).toBe(true);
    expect(isLossy(read(100, 0), read(110, 5))).toBe(false);
    expect(isLossy(read(900, 90), nothingRead)).toBe(false);
  });

  it('is counted of what is sent by what the house lacks', () => {
    const report = new Map([
      ['a', { type: 'outbound-rtp', packetsSent: 100 }],
      ['b', { type: 'remote-inbound-rtp', packetsLost: 30 }],
      ['c', { type: 'inbound-rtp', packetsLost: 9 }],
    ]) as unknown as RTCStatsReport;
    expect(sentOf(report)).toMatchObject({ packets: 70, lost: 30 });
  });
});

describe('one’s own voice', () => {
  const report = (stats: object): RTCStatsReport => new Map([['S', { id: 'S', timestamp: 0, type: 'media-source', ...stats }]]);

  it('is told from a room by how loud it was on the whole', () => {
    const before = { energy: 1, seconds: 10 };
    // Two seconds at -30 dB, and at -60.
    expect(hasSpoken(before, { energy: 1 + 2e-3, seconds: 12 })).toBe(true);
    expect(hasSpoken(before, { energy: 1 + 2e-6, seconds: 12 })).toBe(false);
    expect(hasSpoken(before, before)).toBe(false);
    // Another microphone begins from nothing.
    expect(hasSpoken(before, { energy: 0.5, seconds: 1 })).toBe(false);
  });

  it('is not known where the browser does not measure it', () => {
    expect(voiceOf(report({ kind: 'audio', totalAudioEnergy: 0.5, totalSamplesDuration: 3 }))).toEqual({ energy: 0.5, seconds: 3 });
    expect(voiceOf(report({ kind: 'audio' }))).toBeUndefined();
  });
});
