/** How high pictures are shown, by slot: gathered, and told a little later and all together. */
export class Heights {
  readonly #tell: () => void;
  readonly #after_ms: number;
  readonly #heights = new Map<number, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: () => void, after_ms: number) {
    this.#tell = tell;
    this.#after_ms = after_ms;
  }

  /** In pixels of the screen; nothing: it is not shown just now. */
  shown(slot: number, height: number | undefined): void {
    if (height === undefined) this.#heights.delete(slot);
    else this.#heights.set(slot, height);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, this.#after_ms);
  }

  of(slot: number): number | undefined {
    return this.#heights.get(slot);
  }

  /** The slots are others from now on. */
  clear(): void {
    this.#heights.clear();
  }

  /** Tells nothing any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
