import { describe, expect, it } from 'vitest';
import { type Screen, stayAwake } from './awake';

/** A browser's screen; `held` are the locks that it has given and not got back. */
class Fake implements Screen {
  readonly #locks = new Set<object>();
  shown = true;
  refuses = false;
  #changed: (() => void) | undefined;
  visible = (): boolean => this.shown;
  watch = (changed: () => void): (() => void) => {
    this.#changed = changed;
    return () => (this.#changed = undefined);
  };
  request: Screen['request'] = async () => {
    if (this.refuses) throw new DOMException('', 'NotAllowedError');
    const lock = { release: async () => void this.#locks.delete(lock) };
    this.#locks.add(lock);
    return lock;
  };
  async turn(shown: boolean): Promise<void> {
    this.shown = shown;
    // As browsers do when the page goes out of sight.
    if (!shown) this.#locks.clear();
    this.#changed?.();
    await settled();
  }
  get held(): number {
    return this.#locks.size;
  }
  get watched(): boolean {
    return this.#changed !== undefined;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('the screen of somebody in a meeting', () => {
  it('stays on until they leave', async () => {
    const screen = new Fake();
    const leave = stayAwake(screen);
    await settled();
    expect(screen.held).toBe(1);
    leave();
    await settled();
    expect([screen.held, screen.watched]).toEqual([0, false]);
  });

  it('is kept on again when the page comes back, and not while it is away', async () => {
    const screen = new Fake();
    const leave = stayAwake(screen);
    await settled();
    await screen.turn(false);
    expect(screen.held).toBe(0);
    await screen.turn(true);
    expect(screen.held).toBe(1);
    leave();
  });

  it('is let go though the browser answers only after they have left', async () => {
    const screen = new Fake();
    stayAwake(screen)();
    await settled();
    expect(screen.held).toBe(0);
  });

  it('is asked for again after a refusal', async () => {
    const screen = new Fake();
    screen.refuses = true;
    const leave = stayAwake(screen);
    await settled();
    screen.refuses = false;
    await screen.turn(true);
    expect(screen.held).toBe(1);
    leave();
  });

  it('sleeps as ever where the browser cannot keep it on', () => {
    const screen = new Fake();
    screen.request = undefined;
    stayAwake(screen)();
    expect(screen.watched).toBe(false);
  });
});
