import { describe, expect, it } from 'vitest';
import { awayAfter, backoffMs, restartMs } from './backoff';
import { parse, Undecodable } from './decode';
import { calendarDay, clockTime, duration, enumerated } from './format';
import { socketUrl } from './lasting-socket';
import { where } from './where';
import { galleryMessage } from './wire';

describe('the wait before the next attempt', () => {
  it('grows, has a bound, and differs between clients', () => {
    expect(backoffMs(0, 0)).toBe(125);
    expect(backoffMs(0, 1)).toBe(250);
    expect(backoffMs(3, 1)).toBe(2_000);
    expect(backoffMs(1_000, 1)).toBe(8_000);
  });
});

describe('a server that has said that it restarts', () => {
  it('is called that until it has been away for long', () => {
    expect(awayAfter('lost', { code: 1_001, attempt: 0 })).toBe('restart');
    expect(awayAfter('restart', { code: 1_006, attempt: 1 })).toBe('restart');
    expect(awayAfter('restart', { code: 1_006, attempt: 20 })).toBe('lost');
    expect(awayAfter('lost', { code: 1_006, attempt: 0 })).toBe('lost');
  });

  it('is not met by all its clients in the same instant', () => {
    expect([restartMs(0), restartMs(0.999)]).toEqual([500, 1_999]);
  });
});

describe('what came from outside', () => {
  it('is refused when it does not have the shape of the protocol', () => {
    expect(() => parse('{"type":"disclosed","keys":[{"kid":1}]}', galleryMessage)).toThrow(Undecodable);
    expect(() => parse('{"type":"toString"}', galleryMessage)).toThrow(Undecodable);
    expect(() => parse('[]', galleryMessage)).toThrow(Undecodable);
  });

  it('keeps what is known and leaves out what is not', () => {
    const keys = [{ kid: '0', enc_key: 'a', salt: 'b' }];
    expect(parse(JSON.stringify({ type: 'disclosed', keys, more: 1 }), galleryMessage)).toEqual({
      type: 'disclosed',
      keys,
    });
  });
});

describe('addresses', () => {
  it('are read as the server serves them', () => {
    expect(where({ pathname: '/', hash: '' })).toEqual({ page: 'schedule' });
    expect(where({ pathname: '/convene', hash: '#key' })).toEqual({ page: 'convene', key: 'key' });
    expect(where({ pathname: '/m/a-b_c', hash: '' })).toEqual({ page: 'meeting', meeting: 'a-b_c' });
    for (const way of ['join', 'booth']) {
      expect(where({ pathname: `/m/abc/${way}`, hash: '#s' })).toEqual({ page: 'join', meeting: 'abc', fragment: 's' });
    }
    expect(where({ pathname: '/m/abc/elsewhere', hash: '#s' })).toEqual({ page: 'schedule' });
  });

  it('of sockets are as safe as the page', () => {
    expect(socketUrl('/x', { protocol: 'https:', host: 'h:1' })).toBe('wss://h:1/x');
    expect(socketUrl('/x', { protocol: 'http:', host: 'h' })).toBe('ws://h/x');
  });
});

describe('words', () => {
  it('say times as exactly as a person needs', () => {
    expect([duration(400), duration(59_000), duration(60_000), duration(3_900_000)]).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '1 h 05 min',
    ]);
    expect(clockTime(Date.UTC(2026, 0, 2, 9, 5), 'UTC')).toBe('09:05');
    expect(calendarDay(Date.UTC(2026, 0, 2), 'UTC')).toBe('2 January 2026');
    expect(enumerated(['A', 'B', 'C'])).toBe('A, B and C');
  });
});
