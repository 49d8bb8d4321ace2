import { describe, expect, test } from 'vitest';
import type { MemberOf } from '../protocol/MemberOf';
import { arrange, loudest, pinsOf } from './layout';
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
