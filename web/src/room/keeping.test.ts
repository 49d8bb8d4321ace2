import { beforeEach, describe, expect, it } from 'vitest';
import { forget, keep, recall } from './keeping';

class Memory implements Storage {
  readonly #items = new Map<string, string>();
  get length(): number {
    return this.#items.size;
  }
  clear = (): void => this.#items.clear();
  getItem = (key: string): string | null => this.#items.get(key) ?? null;
  key = (): null => null;
  removeItem = (key: string): void => void this.#items.delete(key);
  setItem = (key: string, value: string): void => void this.#items.set(key, value);
}

describe('what a tab keeps', () => {
  let storage: Storage;
  beforeEach(() => {
    storage = new Memory();
  });

  it('is there after a reload, for this meeting only, until it is forgotten', () => {
    const kept = { fragment: 'secret', name: 'Ana', saved: null };
    keep('one', kept, storage);
    expect(recall('one', storage)).toEqual(kept);
    expect(recall('two', storage)).toBeNull();
    forget('one', storage);
    expect(recall('one', storage)).toBeNull();
  });

  it('is as good as nothing when it cannot be read', () => {
    storage.setItem('incamera:one', '{"fragment":1}');
    expect(recall('one', storage)).toBeNull();
  });
});
