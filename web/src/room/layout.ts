/** Who is shown how large: pure. */

import type { Occupant } from '../worker/pump';
import type { Tile } from './state';

/** All alike, or whoever speaks large and the others beside. Pins go before both. */
export type Layout = 'alike' | 'speaker';

/** A word longer than a cough makes a speaker, who stays it until another speaks. */
const SPEAKS_FROM = 0.02;

/** The loudest of those who can be heard, by leaf; nobody new while all are silent. */
export function loudest(levels: ReadonlyMap<number, number>, before: number | undefined): number | undefined {
  let [found, most] = [before, Math.max(SPEAKS_FROM, (levels.get(before ?? -1) ?? 0) * 1.5)];
  for (const [leaf, level] of levels) if (level > most) [found, most] = [leaf, level];
  return found;
}

export interface Arranged {
  large: readonly Tile[];
  small: readonly Tile[];
}

/**
 * Pins go before screens, and these before whoever speaks. Where whoever speaks is to be large, they are so beside the pins, too: a
 * signer and the one who is signed. With nobody large, all are alike.
 */
export function arrange(tiles: readonly Tile[], layout: Layout, pins: readonly number[], speaker: number | undefined): Arranged {
  const shows = tiles.some(({ screen }) => screen);
  const wanted = ({ member, screen }: Tile): boolean => {
    if (pins.includes(member.leaf)) return true;
    return shows && pins.length === 0 ? screen : layout === 'speaker' && member.leaf === speaker;
  };
  const large = tiles.filter(wanted);
  if (large.length === 0) return { large: [], small: tiles };
  return { large, small: tiles.filter((tile) => !wanted(tile)) };
}

/** Which picture floats over other windows: of whoever has the floor or speaks, else of whoever is large, else the first there is. */
export function floating(tiles: readonly Tile[], { large }: Arranged, speaker: number | undefined): number | null {
  const pictures = tiles.filter(({ slot }) => slot !== null);
  const speaks = pictures.find(({ member, screen }) => !screen && member.leaf === speaker);
  return (speaks ?? pictures.find((tile) => large.includes(tile)) ?? pictures[0])?.slot ?? null;
}

export interface Group {
  delegation: number;
  tiles: readonly Tile[];
}

/**
 * All of a delegation together, as long as all are alike: each delegation has as much of the stage as any other. One's own comes last,
 * as one's own picture does. No groups, where each delegation would be one of one picture, or there is only one.
 */
export function grouped(tiles: readonly Tile[], own: number, seen: boolean): readonly Group[] {
  const sides = new Set(tiles.map(({ member }) => member.delegation));
  if (seen) sides.add(own);
  const pictures = tiles.length + (seen ? 1 : 0);
  if (sides.size < 2 || sides.size === pictures) return [];
  const order = [...sides].sort((a, b) => Number(a === own) - Number(b === own) || a - b);
  return order.map((delegation) => ({ delegation, tiles: tiles.filter(({ member }) => member.delegation === delegation) }));
}

/** Which slot each pinned leaf is to have: the one it is in, or else one that no other pinned leaf has, from the last. */
export function pinsOf(
  slots: readonly number[],
  occupants: Readonly<Record<number, Occupant>>,
  pins: readonly number[],
): ReadonlyMap<number, number> {
  const pinned = new Map<number, number>();
  for (const id of slots) {
    const leaf = occupants[id]?.leaf ?? undefined;
    if (leaf !== undefined && pins.includes(leaf)) pinned.set(id, leaf);
  }
  const placed = new Set(pinned.values());
  const free = slots.filter((id) => !pinned.has(id));
  for (const leaf of pins) {
    if (placed.has(leaf)) continue;
    const id = free.pop();
    if (id !== undefined) pinned.set(id, leaf);
  }
  return pinned;
}
