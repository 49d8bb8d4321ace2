import { describe, expect, it } from 'vitest';
import type { Shown } from '../worker/seal';
import { proofOf } from './proof';

const ana = { name: 'Ana', delegation: 0 };
const of = (verdict: Shown['verdict'], change: Partial<Shown> = {}): Shown => ({
  leaf: 1,
  stream: 'camera',
  verdict,
  ...ana,
  ...change,
});

describe('what is said of a picture', () => {
  it('is that it is verified when what came is what was sent', () => {
    expect(proofOf([of('verified'), of('verified', { stream: 'microphone' })], ana)).toBe('verified');
    expect(proofOf([of('verified'), of('unknown', { stream: 'microphone' })], ana)).toBe('verified');
  });

  it('is a gap when either picture or sound has one', () => {
    expect(proofOf([of('verified'), of('gap', { stream: 'microphone' })], ana)).toBe('gap');
    expect(proofOf([of('gap', { name: null, delegation: null })], ana)).toBe('gap');
  });

  it('is a gap when somebody else has signed than the name that stands there', () => {
    expect(proofOf([of('verified', { name: 'Ben' })], ana)).toBe('gap');
    expect(proofOf([of('verified', { delegation: 1 })], ana)).toBe('gap');
    expect(proofOf([of('verified')], undefined)).toBe('gap');
  });

  it('is nothing as long as nothing is known', () => {
    expect(proofOf([], ana)).toBe('unknown');
    expect(proofOf([of('unknown', { name: null, delegation: null })], ana)).toBe('unknown');
  });
});
