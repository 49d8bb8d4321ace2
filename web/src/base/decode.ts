/**
 * Reads values that came from outside into types, or throws. The only place where a type is asserted: everything past
 * a decoder may be believed to have the shape that it says, and nothing more than the shape.
 */

export type Decoder<T> = (value: unknown) => T;

/** The value does not have the shape that the protocol gives it. The sender is at fault. */
export class Undecodable extends Error {
  constructor(expected: string) {
    super(`expected ${expected}`);
    this.name = 'Undecodable';
  }
}

export const text: Decoder<string> = (value) => {
  if (typeof value !== 'string') throw new Undecodable('text');
  return value;
};

export const number: Decoder<number> = (value) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Undecodable('a number');
  return value;
};

export const flag: Decoder<boolean> = (value) => {
  if (typeof value !== 'boolean') throw new Undecodable('true or false');
  return value;
};

export const nullable =
  <T>(inner: Decoder<T>): Decoder<T | null> =>
  (value) =>
    value === null || value === undefined ? null : inner(value);

export const list =
  <T>(item: Decoder<T>): Decoder<T[]> =>
  (value) => {
    if (!Array.isArray(value)) throw new Undecodable('a list');
    return value.map(item);
  };

export const oneOf =
  <const T extends string>(...words: readonly T[]): Decoder<T> =>
  (value) => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new Undecodable(words.join(' or '));
    return word;
  };

/** An object with at least these fields; others are left out. */
export const shape =
  <T extends object>(fields: { [K in keyof T]-?: Decoder<T[K]> }): Decoder<T> =>
  (value) => {
    const source = fieldsOf(value);
    const read: Partial<T> = {};
    for (const name in fields) read[name] = fields[name](source[name]);
    return read as T;
  };

/** The discriminated unions of the wire: `type` says which decoder reads the rest. */
export const tagged =
  <T extends { type: string }>(kinds: {
    [K in T['type']]: Decoder<Omit<Extract<T, { type: K }>, 'type'>>;
  }): Decoder<T> =>
  (value) => {
    const type = text(fieldsOf(value)['type']);
    if (!Object.hasOwn(kinds, type)) throw new Undecodable(`one of ${Object.keys(kinds).join(', ')}`);
    const kind = type as T['type'];
    return { ...kinds[kind](value), type } as unknown as T;
  };

/** JSON text, read by a decoder. */
export const parse = <T>(json: string, decoder: Decoder<T>): T => decoder(JSON.parse(json) as unknown);

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Undecodable('an object');
  return value as Record<string, unknown>;
}
