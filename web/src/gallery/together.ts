/** Several files of one time line that play as one. The first leads. */

/** Beyond this lag, in seconds, a follower is put right. Below it nobody notices, and a jump would be heard. */
export const OUT_OF_STEP_MAX = 0.12;

/** What is needed of a media element. */
export interface Playing {
  currentTime: number;
  readonly paused: boolean;
  play(): Promise<void>;
  pause(): void;
}

export class Together {
  readonly #all: readonly Playing[];

  constructor(all: readonly Playing[]) {
    this.#all = all;
  }

  get at(): number {
    return this.#all[0]?.currentTime ?? 0;
  }

  async play(): Promise<void> {
    this.inStep();
    await Promise.all(this.#all.map((it) => it.play()));
  }

  pause(): void {
    for (const it of this.#all) it.pause();
    this.inStep();
  }

  go(at: number): void {
    for (const it of this.#all) it.currentTime = at;
  }

  /** Puts right who is out of step. */
  inStep(): void {
    const [first, ...others] = this.#all;
    if (!first) return;
    for (const it of others) {
      if (Math.abs(it.currentTime - first.currentTime) > OUT_OF_STEP_MAX) it.currentTime = first.currentTime;
    }
  }
}
