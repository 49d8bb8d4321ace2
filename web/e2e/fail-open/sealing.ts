/**
 * A sealing whose only purpose is to be told from clear at sight, and to make every decoder fail: all bytes but the
 * first of a picture are turned over, and a mark is put at the end. What is tested is the way of the frames and not
 * the cryptography.
 */

import type { Sealing } from '../../src/worker/sealing';

const MARK = [0x5e, 0xa1, 0xed, 0x01];

export const marked: Sealing = {
  seal: (stream, frame) => {
    const sealed = new Uint8Array(frame.length + MARK.length);
    frame.forEach((byte, index) => {
      // VP8's first byte stays clear, as it does under the real sealing.
      sealed[index] = stream === 1 && index === 0 ? byte : byte ^ 0xff;
    });
    sealed.set(MARK, frame.length);
    return sealed;
  },
  open: () => undefined,
  openChannel: () => undefined,
};

export const isMarked = (frame: Uint8Array): boolean =>
  frame.length >= MARK.length && MARK.every((byte, index) => frame[frame.length - MARK.length + index] === byte);

/** Enough of a frame to know it again: its end, where a sealed one has its tag. */
export const printOf = (frame: Uint8Array): string => frame.slice(-12).join(' ');

/** Keeps a print of every frame that comes to be sealed, so that the far side can look for it. */
export const printing = (sealing: Sealing, prints: Set<string>): Sealing => ({
  seal: (stream, frame) => {
    prints.add(printOf(frame));
    return sealing.seal(stream, frame);
  },
  open: () => undefined,
  openChannel: () => undefined,
});
