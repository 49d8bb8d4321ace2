import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { rehearse } from './rehearsal';
import { ready } from './seal';

/** As a worker's clock gives it. */
const NOW_MS = 1_800_000_000_000.25;

describe('the rehearsal', () => {
  beforeAll(() => ready(readFileSync(new URL('../wasm/seal_bg.wasm', import.meta.url))));
  afterEach(() => vi.restoreAllMocks());

  it('goes well, as often as it is held', () => {
    rehearse(NOW_MS);
    rehearse(NOW_MS);
  });

  it('fails in a browser that gives no random numbers', () => {
    vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation(() => {
      throw new Error('none');
    });
    expect(() => rehearse(NOW_MS)).toThrow();
  });

  it('fails in a browser whose numbers repeat', () => {
    vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((into) => into);
    expect(() => rehearse(NOW_MS)).toThrow();
  });
});
