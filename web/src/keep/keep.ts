/** The worker's side of what a tab keeps: seals it, has the page store it, and knows when that is done. */

import { hold, keyBox } from './browser';
import { type Before, Keeper, type Sealed } from './keeper';

export type FromKeep =
  /** Store this in the tab's session, or remove what is there; answer with `kept`. */
  | { type: 'keep'; number: number; sealed: Sealed | null }
  /** This browser keeps nothing: after a reload the link is needed again. */
  | { type: 'unkept' };

export type ToKeep = { type: 'kept'; number: number; ok: boolean };

export class Keep {
  readonly #keeper: Keeper;
  readonly #say: (message: FromKeep) => void;
  readonly #now: () => number;
  /** One after the other: what was written last counts. */
  #tail: Promise<unknown> = Promise.resolve();
  #number = 0;
  readonly #waiting = new Map<number, (ok: boolean) => void>();

  constructor(meeting: string, say: (message: FromKeep) => void, keeper = new Keeper(meeting, keyBox, hold), now = Date.now) {
    this.#keeper = keeper;
    this.#say = say;
    this.#now = now;
  }

  open(before: Sealed | null): Promise<Before> {
    return before ? this.#next(() => this.#keeper.open(before)) : Promise.resolve({ is: 'nothing' });
  }

  /** Resolves when a reload would find it, or when it is clear that none will. */
  write(text: string): Promise<void> {
    return this.#next(async () => {
      try {
        if (await this.#store(await this.#keeper.seal(text, this.#now()))) return;
      } catch {
        // No database, no WebCrypto, no session: fail closed.
      }
      await this.#keeper.forget();
      this.#say({ type: 'unkept' });
    });
  }

  /** Nothing is kept any more: neither the ciphertext nor its key. */
  forget(): Promise<void> {
    return this.#next(async () => {
      await this.#keeper.forget();
      await this.#store(null);
    });
  }

  /** The page's answer to `keep`. */
  kept({ number, ok }: ToKeep): void {
    this.#waiting.get(number)?.(ok);
    this.#waiting.delete(number);
  }

  #store(sealed: Sealed | null): Promise<boolean> {
    const number = (this.#number += 1);
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      this.#say({ type: 'keep', number, sealed });
    });
  }

  #next<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(task);
    this.#tail = done.catch(() => undefined);
    return done;
  }
}
