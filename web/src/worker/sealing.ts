/** What a transform needs of the cryptography: an encoded frame in, a frame to pass on or nothing out. */

import type { Leaf } from '../protocol/Leaf';

/** As numbered in a key id: the microphone is 0, the camera 1, the screen 2, an aside 3. */
export type StreamNumber = 0 | 1 | 2 | 3;
/** Sound is 0, picture 1. */
export type KindNumber = 0 | 1;

export interface OpenedFrame {
  /** Whose it is, by its key and by nothing else. */
  leaf: Leaf;
  /** Which of their streams, by the key too. */
  stream: StreamNumber;
  /** It was sealed under a key of an open part. */
  open: boolean;
  data: Uint8Array<ArrayBuffer>;
}

/** `undefined` always means: drop the frame. There is no value that means "pass it on as it is". */
export interface Sealing {
  seal(stream: StreamNumber, frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined;
  open(kind: KindNumber, frame: Uint8Array<ArrayBuffer>): OpenedFrame | undefined;
  /** A frame of the slot that carries a language channel, if one is listened to: only of whoever is on the air in it. */
  openChannel(frame: Uint8Array<ArrayBuffer>): OpenedFrame | undefined;
}

/** Before there are keys, and after a fault: nothing passes. */
export const nothingPasses: Sealing = {
  seal: () => undefined,
  open: () => undefined,
  openChannel: () => undefined,
};
