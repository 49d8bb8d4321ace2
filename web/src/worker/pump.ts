/**
 * The way of every frame through the worker: sealed or opened, or dropped.
 *
 * Nothing here can let a frame through as it came. A frame that cannot be sealed is dropped and not queued: what was
 * said while the doors were moving must not be heard when they have moved.
 */

import type { Leaf } from '../protocol/Leaf';
import type { KindNumber, OpenedFrame, Sealing, StreamNumber } from './sealing';

/**
 * The options of a transform: which way its frames go. The page gives each transform a number of its own. `channel`: a
 * language channel comes in this slot, once one is listened to.
 */
export type Passage =
  | { way: 'send'; id: number; stream: StreamNumber }
  | { way: 'receive'; id: number; kind: KindNumber; channel?: true };

/** What one transform has seen and let through. */
export interface Tally {
  id: number;
  seen: number;
  passed: number;
}

/** Who is in a receiving slot, as the keys of its frames say; `null` when nothing has come for a while. */
export interface Occupant {
  id: number;
  leaf: Leaf | null;
  /** Which of their streams it is. */
  stream: StreamNumber;
  open: boolean;
  /** Nobody is in it, but something goes on coming that is not let through. */
  refused: boolean;
}

export interface PumpListener {
  occupied(occupant: Occupant): void;
  /** The cryptography itself failed: our fault, never a peer's. */
  broke(why: string): void;
}

/** The part of an encoded frame (W3C WebRTC Encoded Transform) that is touched. */
interface EncodedFrame {
  data: ArrayBuffer;
}

/** The part of `RTCRtpScriptTransformer` that is used. */
export interface Transformer {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly options: Passage;
}

/** A slot from which nothing came for this long has nobody in it. Two seconds: longer than a lost key frame takes. */
export const QUIET_MS = 2_000;

const nobody: Omit<Occupant, 'id'> = { leaf: null, stream: 0, open: false, refused: false };

interface Slot {
  occupant: Occupant;
  /** When something was let through last … */
  heard_ms: number;
  /** … and when something was not. */
  refused_ms: number;
}

export class Pump {
  readonly #sealing: () => Sealing;
  readonly #listener: PumpListener;
  readonly #now: () => number;
  readonly #tallies = new Map<number, Tally>();
  readonly #slots = new Map<number, Slot>();

  /** `sealing` is asked for each frame, because the keys come long after the transforms. */
  constructor(sealing: () => Sealing, listener: PumpListener, now: () => number = () => performance.now()) {
    this.#sealing = sealing;
    this.#listener = listener;
    this.#now = now;
  }

  /** Takes a transform on. From here its frames are sealed, opened or dropped until the connection is closed. */
  attach({ readable, writable, options }: Transformer): void {
    const tally: Tally = { id: options.id, seen: 0, passed: 0 };
    this.#tallies.set(options.id, tally);
    const pass = new TransformStream<EncodedFrame, EncodedFrame>({
      transform: (frame, out) => {
        tally.seen += 1;
        // Of somebody who says nothing an encoder makes empty frames, which a browser does not send; sealed they would be sent.
        if (options.way === 'send' && frame.data.byteLength === 0) return;
        const data = this.#through(options, new Uint8Array(frame.data));
        if (data === undefined) return;
        frame.data = data;
        tally.passed += 1;
        out.enqueue(frame);
      },
    });
    const done = (): void => {
      this.#tallies.delete(options.id);
      this.#slots.delete(options.id);
    };
    readable.pipeThrough(pass).pipeTo(writable).then(done, done);
  }

  /** For the watchdog. */
  tallies(): Tally[] {
    return [...this.#tallies.values()].map((tally) => ({ ...tally }));
  }

  /** Says of slots that have fallen silent that nobody is in them. To be called a few times a second. */
  sweep(): void {
    const now = this.#now();
    for (const slot of this.#slots.values()) {
      if (now - slot.heard_ms < QUIET_MS) continue;
      const refused = now - slot.refused_ms < QUIET_MS;
      if (slot.occupant.leaf === null && slot.occupant.refused === refused) continue;
      slot.occupant = { ...slot.occupant, leaf: null, refused };
      this.#listener.occupied(slot.occupant);
    }
  }

  #through(passage: Passage, frame: Uint8Array<ArrayBuffer>): ArrayBuffer | undefined {
    try {
      if (passage.way === 'send') return exactly(this.#sealing().seal(passage.stream, frame));
      const sealing = this.#sealing();
      const opened = passage.channel ? sealing.openChannel(frame) : sealing.open(passage.kind, frame);
      if (opened) this.#heard(passage.id, opened);
      else this.#refused(passage);
      return exactly(opened?.data);
    } catch (error) {
      // A throw out of the transform would end the stream; the frame is dropped and the page told.
      this.#listener.broke(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #heard(id: number, { leaf, stream, open }: OpenedFrame): void {
    const now = this.#now();
    const slot = this.#slots.get(id);
    const before = slot?.occupant;
    if (slot && before?.leaf === leaf && before.stream === stream && before.open === open) {
      slot.heard_ms = now;
      return;
    }
    const occupant: Occupant = { id, leaf, stream, open, refused: false };
    this.#slots.set(id, { occupant, heard_ms: now, refused_ms: -QUIET_MS });
    this.#listener.occupied(occupant);
  }

  #refused({ id }: { id: number }): void {
    const now = this.#now();
    const slot = this.#slots.get(id);
    if (slot) slot.refused_ms = now;
    // Nobody has been in it so far; said if it goes on.
    else this.#slots.set(id, { occupant: { ...nobody, id }, heard_ms: now, refused_ms: now });
  }
}

/** The buffer of exactly these bytes: a view into a larger one would put its neighbours on the wire. */
function exactly(bytes: Uint8Array<ArrayBuffer> | undefined): ArrayBuffer | undefined {
  if (!bytes) return undefined;
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
