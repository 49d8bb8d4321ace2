import { describe, expect, it } from 'vitest';
import type { ChatOf } from '../protocol/ChatOf';
import { inSight, kept, LINE_MS, type Line, LINES_MAX, typedAfter } from './typed';

const of = (id: string, text: string) => ({ id, name: `Person ${id}`, delegation: 0, text });
const typed = (...lines: [string, string, number][]): readonly Line[] =>
  lines.reduce<readonly Line[]>((so, [id, text, at]) => typedAfter(so, of(id, text), at), []);
const texts = (lines: readonly Line[], now: number) => inSight(lines, now).shown.map(({ text }) => text);

describe('lines that are typed', () => {
  it('grow in their place, one for each writer, and go when they end', () => {
    const lines = typed(['a', 'Sh', 0], ['b', 'No', 1], ['a', 'Shall', 2]);
    expect(texts(lines, 3)).toEqual(['Shall', 'No']);
    expect(texts(typedAfter(lines, of('a', ''), 4), 5)).toEqual(['No']);
    expect(typedAfter([], of('c', ''), 0)).toEqual([]);
  });

  it('are put away once they have not grown for a while, and come back with the next letter', () => {
    const lines = typed(['a', 'Well', 0], ['b', 'Yes', 10]);
    expect(texts(lines, LINE_MS)).toEqual(['Yes']);
    expect(texts(typedAfter(lines, of('a', 'Well,'), LINE_MS + 1), LINE_MS + 1)).toEqual(['Well,', 'Yes']);
    expect(typedAfter(lines, of('c', 'I'), 5 * LINE_MS)).toHaveLength(1);
  });

  it('never fill the screen, however many type', () => {
    const all = typed(...Array.from({ length: 200 }, (_, n): [string, string, number] => [`${n}`, 'x', n]));
    const { shown, more } = inSight(all, 200);
    expect([shown.length, more]).toEqual([LINES_MAX, 200 - LINES_MAX]);
  });

  it('stand after what was written, where that is kept in sight', () => {
    const written = ['One.', 'Two.', 'Three.', 'Four.'].map((text) => ({ id: text, name: 'A', text }) as ChatOf);
    const shown = (...growing: string[]): [string, boolean][] =>
      kept(growing.map((text) => ({ id: text, name: 'B', text, grows: true })), written).map(({ text, grows }) => [text, grows]);
    expect(shown()).toEqual([['Two.', false], ['Three.', false], ['Four.', false]]);
    expect(shown('Fi')).toEqual([['Three.', false], ['Four.', false], ['Fi', true]]);
    expect(shown('a', 'b', 'c').map(([text]) => text)).toEqual(['a', 'b', 'c']);
  });
});
