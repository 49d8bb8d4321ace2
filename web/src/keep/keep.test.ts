import { describe, expect, it } from 'vitest';
import { type FromKeep, Keep } from './keep';
import { type Hold, type KeyBox, KEY_LIFE_MS, Keeper, type Sealed } from './keeper';
import { store, stored } from './tab';

/** A browser's database and locks, as two tabs share them. */
function browser() {
  const rows = new Map<string, { key: CryptoKey; made_ms: number }>();
  const held = new Set<string>();
  const box: KeyBox = {
    get: async (id) => rows.get(id)?.key,
    put: async (id, key, made_ms) => void rows.set(id, { key, made_ms }),
    remove: async (id) => void rows.delete(id),
    sweep: async (before_ms) => {
      for (const [id, { made_ms }] of rows) if (made_ms < before_ms) rows.delete(id);
    },
  };
  const hold: Hold = async (name) => {
    if (held.has(name)) return null;
    held.add(name);
    return () => void held.delete(name);
  };
  /** A tab is closed or reloaded: its worker ends, and with it what it holds. */
  const end = (): void => held.clear();
  return { rows, end, tab: (meeting = 'one') => new Keeper(meeting, box, hold) };
}

class Session implements Storage {
  readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  clear = (): void => this.items.clear();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  key = (): null => null;
  removeItem = (key: string): void => void this.items.delete(key);
  setItem = (key: string, value: string): void => void this.items.set(key, value);
}

const SECRET = 'the seed of a device';

describe('what a tab keeps', () => {
  it('opens after a reload, and nothing of it is in clear', async () => {
    const { tab, end, rows } = browser();
    const sealed = await tab().seal(SECRET, 0);
    end();
    expect(await tab().open(sealed)).toEqual({ is: 'here', text: SECRET });
    expect(JSON.stringify(sealed)).not.toContain(SECRET);
    expect(atob(sealed.sealed)).not.toContain(SECRET);
    const [row] = rows.values();
    expect(row?.key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('raw', row?.key as CryptoKey)).rejects.toThrow();
  });

  it('opens for its own meeting only, and not when a bit of it was changed', async () => {
    const { tab, end } = browser();
    const sealed = await tab('one').seal(SECRET, 0);
    end();
    expect(await tab('two').open(sealed)).toEqual({ is: 'nothing' });
    const altered: Sealed = { ...sealed, sealed: `${sealed.sealed[0] === 'A' ? 'B' : 'A'}${sealed.sealed.slice(1)}` };
    expect(await tab('one').open(altered)).toEqual({ is: 'nothing' });
    expect(await tab('one').open({ ...sealed, nonce: '!' })).toEqual({ is: 'nothing' });
    expect((await tab('one').open(sealed)).is).toBe('here');
  });

  it('is not opened by a copy of the tab while the tab itself is there, nor taken from it', async () => {
    const { tab, end, rows } = browser();
    const original = tab();
    const sealed = await original.seal(SECRET, 0);
    const copy = tab();
    expect(await copy.open(sealed)).toEqual({ is: 'elsewhere' });
    await copy.forget();
    const other = await copy.seal('another', 0);
    expect(other.id).not.toBe(sealed.id);
    expect(rows.size).toBe(2);
    end();
    expect((await tab().open(sealed)).is).toBe('here');
  });

  it('is gone once it is forgotten, also for who has a copy of the ciphertext', async () => {
    const { tab, end, rows } = browser();
    const keeper = tab();
    const sealed = await keeper.seal(SECRET, 0);
    await keeper.forget();
    expect(rows.size).toBe(0);
    end();
    expect(await tab().open(sealed)).toEqual({ is: 'nothing' });
  });

  it('has a nonce of its own each time', async () => {
    const keeper = browser().tab();
    const all = await Promise.all([0, 1, 2].map(() => keeper.seal(SECRET, 0)));
    expect(new Set(all.map(({ nonce }) => nonce)).size).toBe(3);
  });

  it('sweeps keys that are older than any meeting', async () => {
    const { tab, rows } = browser();
    const old = await tab().seal(SECRET, 0);
    const young = await tab().seal(SECRET, 1_000);
    await tab().seal(SECRET, KEY_LIFE_MS + 500);
    expect(rows.has(old.id)).toBe(false);
    expect(rows.has(young.id)).toBe(true);
  });
});

describe('a tab and its worker', () => {
  /** A page that stores what its worker asks for, or cannot. */
  function page(keeper: Keeper, session: () => Storage) {
    const said: FromKeep[] = [];
    const keep: Keep = new Keep(
      'one',
      (message) => {
        said.push(message);
        if (message.type === 'keep') queueMicrotask(() => keep.kept(store('room', 'one', message, session)));
      },
      keeper,
      () => 0,
    );
    return { keep, said };
  }

  it('have what was written last, however fast it was written', async () => {
    const { tab, end } = browser();
    const session = new Session();
    const { keep } = page(tab(), () => session);
    await Promise.all(['1', '2', '3'].map((text) => keep.write(text)));
    end();
    const sealed = stored('room', 'one', () => session);
    expect(sealed && (await tab().open(sealed))).toEqual({ is: 'here', text: '3' });
    expect(stored('desk', 'one', () => session)).toBeNull();
  });

  it('have nothing once it is forgotten, even when something was just being written', async () => {
    const { tab, rows } = browser();
    const session = new Session();
    const { keep } = page(tab(), () => session);
    void keep.write('1');
    await keep.forget();
    expect(session.length).toBe(0);
    expect(rows.size).toBe(0);
  });

  it('keep nothing, and say so, where there is no place for a key', async () => {
    const session = new Session();
    const nowhere: KeyBox = {
      get: async () => undefined,
      put: () => Promise.reject(new Error('private')),
      remove: () => Promise.reject(new Error('private')),
      sweep: () => Promise.reject(new Error('private')),
    };
    const { keep, said } = page(new Keeper('one', nowhere, async () => () => undefined), () => session);
    await keep.write(SECRET);
    expect(said).toEqual([{ type: 'unkept' }]);
    expect(session.length).toBe(0);
  });

  it('leave no key behind where the session takes nothing', async () => {
    const { tab, rows } = browser();
    const { keep, said } = page(tab(), () => {
      throw new Error('refused');
    });
    await keep.write(SECRET);
    expect(said.at(-1)).toEqual({ type: 'unkept' });
    expect(rows.size).toBe(0);
  });

  it('take what cannot be read for nothing, also what an older page left in clear', () => {
    const session = new Session();
    session.setItem('incamera:room:one', '{"fragment":"x"}');
    expect(stored('room', 'one', () => session)).toBeNull();
  });
});
