import { describe, expect, it } from 'vitest';
import { faultOf, same, textsOf } from './drafts';

const text = (language: string, markdown: string) => ({ language, markdown });

describe('a text that is to be published', () => {
  it('has a word, and leaves languages without one out', () => {
    expect(faultOf([text('en', ' \n')], 'readout')).toBe('text-missing');
    expect(textsOf([text('en', ' We met. '), text('fr', ' ')])).toEqual([text('en', 'We met.')]);
  });

  it('is in each language once', () => {
    expect(faultOf([text('en', 'a'), text('fr-CH', 'b')], 'readout')).toBeNull();
    expect(faultOf([text('en', 'a'), text('EN', 'b')], 'readout')).toBe('language-twice');
    expect(faultOf([text('english language', 'a')], 'readout')).toBe('language-wrong');
    expect(faultOf([text('', 'a')], 'readout')).toBe('language-wrong');
  });

  it('is not longer than what can be signed', () => {
    expect(faultOf([text('en', 'é'.repeat(16 * 1_024))], 'joint')).toBe('text-long');
    expect(faultOf([text('en', 'é'.repeat(16 * 1_024))], 'readout')).toBeNull();
  });

  it('is the same only to the last character', () => {
    expect(same([text('en', 'a')], [text('en', 'a')])).toBe(true);
    expect(same([text('en', 'a')], [text('en', 'a'), text('fr', 'b')])).toBe(false);
    expect(same([text('en', 'a')], [text('en', 'b')])).toBe(false);
  });
});
