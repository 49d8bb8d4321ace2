import { describe, expect, test } from 'vitest';
import type { MemberOf } from '../protocol/MemberOf';
import { arrange, floating, grouped, loudest, pinsOf } from './layout';
import type { Tile } from './state';

const tile = (leaf: number): Tile => ({ member: { leaf } as MemberOf, slot: leaf, screen: false });
const leaves = (tiles: readonly Tile[]): number[] => tiles.map(({ member }) => member.leaf);
const occupant = (id: number, leaf: number) => ({ id, leaf, stream: 1 as const, open: false, refused: false });

describe('who is large', () => {
  const tiles = [1, 2, 3].map(tile);

  test('nobody, where all are alike', () => {
    const { large, small } = arrange(tiles, 'alike', [], 2);
    expect([leaves(large), leaves(small)]).toEqual([[], [1, 2, 3]]);
  });

  test('whoever speaks', () => {
    const { large, small } = arrange(tiles, 'speaker', [], 2);
    expect([leaves(large), leaves(small)]).toEqual([[2], [1, 3]]);
  });

  test('who is pinned', () => {
    const { large, small } = arrange(tiles, 'alike', [3, 1], 2);
    expect([leaves(large), leaves(small)]).toEqual([[1, 3], [2]]);
  });

  test('who is pinned and whoever speaks: a signer beside the one who is signed', () => {
    const { large, small } = arrange(tiles, 'speaker', [3], 2);
    expect([leaves(large), leaves(small)]).toEqual([[2, 3], [1]]);
  });

  test('who is pinned, and not the screen', () => {
    const screen = { ...tile(3), slot: 7, screen: true };
    expect(leaves(arrange([...tiles, screen], 'alike', [1], 2).large)).toEqual([1]);
  });

  test('a screen, before whoever speaks', () => {
    const screen = { ...tile(3), slot: 7, screen: true };
    const { large, small } = arrange([...tiles, screen], 'speaker', [], 2);
    expect([large, leaves(small)]).toEqual([[screen], [1, 2, 3]]);
  });

  test('all are alike when the only one who was large has gone', () => {
    expect(leaves(arrange(tiles, 'speaker', [7], undefined).small)).toEqual([1, 2, 3]);
  });
});

describe('the picture over other windows', () => {
  const tiles = [1, 2, 3].map(tile);
  const alike = arrange(tiles, 'alike', [], undefined);

  test('is of whoever speaks, whatever is large', () => {
    expect(floating(tiles, alike, 2)).toBe(2);
    expect(floating(tiles, arrange(tiles, 'alike', [3], undefined), 2)).toBe(2);
  });

  test('is of whoever is large while nobody speaks, or whoever speaks has no picture', () => {
    const dark = tiles.map((it) => (it.member.leaf === 2 ? { ...it, slot: null } : it));
    expect(floating(tiles, arrange(tiles, 'alike', [3], undefined), undefined)).toBe(3);
    expect(floating(dark, arrange(dark, 'alike', [3], undefined), 2)).toBe(3);
    expect(floating(dark, alike, 2)).toBe(1);
  });

  test('is none, where there is none', () => {
    expect(floating([], arrange([], 'alike', [], undefined), 2)).toBe(null);
  });
});

describe('delegations', () => {
  const of = (leaf: number, delegation: number): Tile => ({ ...tile(leaf), member: { leaf, delegation } as MemberOf });
  const shape = (groups: ReturnType<typeof grouped>) => groups.map(({ delegation, tiles }) => [delegation, leaves(tiles)]);

  test('stand together, in the order of the charter, one’s own last', () => {
    const tiles = [of(3, 0), of(1, 1), of(2, 1), of(5, 2)];
    expect(shape(grouped(tiles, 0, false))).toEqual([[1, [1, 2]], [2, [5]], [0, [3]]]);
    expect(shape(grouped(tiles.slice(1), 0, true))).toEqual([[1, [1, 2]], [2, [5]], [0, []]]);
  });

  test('are no groups where each has one picture, or all are of one', () => {
    expect(grouped([of(1, 1), of(2, 2)], 0, true)).toEqual([]);
    expect(grouped([of(1, 1), of(2, 1)], 0, false)).toEqual([]);
    expect(grouped([], 0, true)).toEqual([]);
  });
});

describe('the loudest', () => {
  test('stays in silence, and against somebody hardly louder', () => {
    expect(loudest(new Map([[1, 0.001], [2, 0.002]]), 1)).toBe(1);
    expect(loudest(new Map([[1, 0.3], [2, 0.4]]), 1)).toBe(1);
    expect(loudest(new Map([[1, 0.1], [2, 0.4]]), 1)).toBe(2);
    expect(loudest(new Map(), undefined)).toBe(undefined);
  });
});

describe('a pin', () => {
  test('keeps the slot in which its picture comes', () => {
    expect([...pinsOf([10, 11, 12], { 11: occupant(11, 4) }, [4])]).toEqual([[11, 4]]);
  });

  test('gets the last slot that no other pin has', () => {
    const pinned = pinsOf([10, 11, 12], { 12: occupant(12, 4) }, [9, 4]);
    expect([...pinned].sort()).toEqual([[11, 9], [12, 4]]);
  });

  test('beyond the last slot is not to be had', () => {
    expect(pinsOf([10], {}, [1, 2]).size).toBe(1);
  });
});
