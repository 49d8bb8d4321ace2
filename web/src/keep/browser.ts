/** The browser's own places for what the keeper needs: a database for keys, and locks between tabs. */

import type { Hold, KeyBox } from './keeper';

const DATABASE = 'incamera';
const KEYS = 'keys';

/** What a tab that reloads holds is free only when its old worker has ended. */
const HOLD_WAIT_MS = 1_500;

interface Row {
  key: CryptoKey;
  made_ms: number;
}

export const keyBox: KeyBox = {
  get: async (id) => (await run<Row | undefined>('readonly', (keys) => keys.get(id)))?.key,
  put: async (id, key, made_ms) => {
    await run('readwrite', (keys) => keys.put({ key, made_ms } satisfies Row, id));
  },
  remove: async (id) => {
    await run('readwrite', (keys) => keys.delete(id));
  },
  sweep: async (before_ms) => {
    const ids = await run<IDBValidKey[]>('readonly', (keys) => keys.getAllKeys());
    const rows = await run<Row[]>('readonly', (keys) => keys.getAll());
    for (const [index, row] of rows.entries()) {
      const id = ids[index];
      if (id !== undefined && row.made_ms < before_ms) await run('readwrite', (keys) => keys.delete(id));
    }
  },
};

/** One transaction; what was written is on the disk when it resolves. */
async function run<T>(mode: IDBTransactionMode, ask: (keys: IDBObjectStore) => IDBRequest): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(KEYS, mode, { durability: 'strict' });
      const request = ask(transaction.objectStore(KEYS));
      transaction.oncomplete = () => resolve(request.result as T);
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
    });
  } finally {
    database.close();
  }
}

const open = (): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(KEYS);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no database'));
    request.onblocked = () => reject(new Error('the database is blocked'));
  });

export const hold: Hold = (name) =>
  new Promise((resolve) => {
    // Without locks (an insecure address) there is no WebCrypto either, and nothing is kept that could be copied.
    if (!('locks' in navigator)) return resolve(() => undefined);
    const asked = navigator.locks.request(
      name,
      { signal: AbortSignal.timeout(HOLD_WAIT_MS) },
      () => new Promise<void>((release) => resolve(release)),
    );
    asked.catch(() => resolve(null));
  });

/** A name for a link under which tabs find that they have the same; says nothing about the link. */
export async function lockOf(meeting: string, fragment: string): Promise<string> {
  const bytes = new TextEncoder().encode(`incamera link ${meeting} ${fragment}`);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return `incamera:link:${Array.from(hash, (it) => it.toString(16).padStart(2, '0')).join('')}`;
}
