import { describe, expect, it } from 'vitest';
import { OUT_OF_STEP_MAX, type Playing, Together } from './together';

const playing = (currentTime: number): Playing => {
  const it = {
    currentTime,
    paused: true,
    play: () => {
      it.paused = false;
      return Promise.resolve();
    },
    pause: () => {
      it.paused = true;
    },
  };
  return it;
};

describe('files that play as one', () => {
  it('go where the person goes', () => {
    const [a, b] = [playing(0), playing(7)];
    new Together([a, b]).go(3);
    expect([a.currentTime, b.currentTime]).toEqual([3, 3]);
  });

  it('are put right when they are out of step, and left alone when nobody would notice', () => {
    const [a, b, c] = [playing(5), playing(5 + 2 * OUT_OF_STEP_MAX), playing(5 + OUT_OF_STEP_MAX / 2)];
    new Together([a, b, c]).inStep();
    expect([b.currentTime, c.currentTime]).toEqual([5, 5 + OUT_OF_STEP_MAX / 2]);
  });

  it('begin and stop together', async () => {
    const [a, b] = [playing(1), playing(4)];
    const together = new Together([a, b]);
    await together.play();
    expect([a.paused, b.paused, b.currentTime]).toEqual([false, false, 1]);
    together.pause();
    expect([a.paused, b.paused]).toEqual([true, true]);
  });
});
