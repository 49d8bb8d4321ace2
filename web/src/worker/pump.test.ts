import { describe, expect, it } from 'vitest';
import { type Occupant, Pump, QUIET_MS, type Passage } from './pump';
import { nothingPasses, type Sealing } from './sealing';

interface Frame {
  data: ArrayBuffer;
}

const frame = (...bytes: number[]): Frame => ({ data: new Uint8Array(bytes).buffer });
const bytesOf = ({ data }: Frame): number[] => [...new Uint8Array(data)];

/** Seals by adding one to each byte; opens frames of leaf 4 by taking it away; refuses what is empty. */
const byOne: Sealing = {
  seal: (_stream, it) => (it.length === 0 ? undefined : it.map((byte) => byte + 1)),
  open: (_kind, it) => (it.length === 0 ? undefined : { leaf: 4, stream: 1, open: false, data: it.map((byte) => byte - 1) }),
  openChannel: () => undefined,
};

function transformer(options: Passage, frames: readonly Frame[]) {
  const out: Frame[] = [];
  let done = (): void => undefined;
  const ended = new Promise<void>((resolve) => (done = resolve));
  return {
    out,
    ended,
    transformer: {
      options,
      readable: new ReadableStream<Frame>({
        start: (controller) => {
          for (const it of frames) controller.enqueue(it);
          controller.close();
        },
      }),
      writable: new WritableStream<Frame>({ write: (it) => void out.push(it), close: () => done() }),
    },
  };
}

function pump(sealing: () => Sealing, now: () => number = () => 0) {
  const occupied: Occupant[] = [];
  const broken: string[] = [];
  const it = new Pump(sealing, { occupied: (who) => occupied.push(who), broke: (why) => broken.push(why) }, now);
  return { it, occupied, broken };
}

const send: Passage = { way: 'send', id: 1, stream: 0 };
const receive: Passage = { way: 'receive', id: 2, kind: 1 };

describe('a frame', () => {
  it('leaves sealed', async () => {
    const { it: under } = pump(() => byOne);
    const way = transformer(send, [frame(1, 2), frame(3)]);
    under.attach(way.transformer);
    await way.ended;
    expect(way.out.map(bytesOf)).toEqual([[2, 3], [4]]);
  });

  it('with nothing in it is not sent: whoever is silent sends nothing', async () => {
    const sealed: number[] = [];
    const noting: Sealing = {
      ...byOne,
      seal: (_stream, it) => {
        sealed.push(it.length);
        return new Uint8Array(20);
      },
    };
    const { it: under } = pump(() => noting);
    const way = transformer(send, [frame(1), frame(), frame(2, 3)]);
    under.attach(way.transformer);
    await way.ended;
    expect(sealed).toEqual([1, 2]);
    expect(way.out.length).toBe(2);
  });

  it('is dropped while nothing may pass, and is not sent later', async () => {
    let sealing = nothingPasses;
    const { it: under } = pump(() => sealing);
    const way = transformer(send, [frame(1), frame(2)]);
    under.attach(way.transformer);
    await way.ended;
    sealing = byOne;
    expect(way.out).toEqual([]);
  });

  it('is dropped when the cryptography throws, and the next one goes on', async () => {
    let calls = 0;
    const { it: under, broken } = pump(() => ({
      ...byOne,
      seal: (stream, it) => {
        calls += 1;
        if (calls === 1) throw new Error('out of order');
        return byOne.seal(stream, it);
      },
    }));
    const way = transformer(send, [frame(1), frame(2)]);
    under.attach(way.transformer);
    await way.ended;
    expect(way.out.map(bytesOf)).toEqual([[3]]);
    expect(broken).toEqual(['out of order']);
  });

  it('takes nothing of the buffer that its bytes are a view into', async () => {
    const memory = new Uint8Array([9, 9, 7, 9]);
    const { it: under } = pump(() => ({ ...byOne, seal: () => memory.subarray(2, 3) }));
    const way = transformer(send, [frame(1)]);
    under.attach(way.transformer);
    await way.ended;
    expect(way.out.map(bytesOf)).toEqual([[7]]);
  });
});

describe('a slot', () => {
  it('says once who is in it, and when nobody is any more', async () => {
    let now = 0;
    const { it: under, occupied } = pump(() => byOne, () => now);
    const stuck = new ReadableStream<Frame>({
      start: (controller) => {
        controller.enqueue(frame(5));
        controller.enqueue(frame(6));
      },
    });
    const two = new Promise<void>((resolve) => {
      let written = 0;
      const writable = new WritableStream<Frame>({
        write: () => {
          written += 1;
          if (written === 2) resolve();
        },
      });
      under.attach({ options: receive, readable: stuck, writable });
    });
    await two;
    expect(occupied).toEqual([{ id: 2, leaf: 4, stream: 1, open: false, refused: false }]);
    now = QUIET_MS - 1;
    under.sweep();
    expect(occupied).toHaveLength(1);
    now = QUIET_MS;
    under.sweep();
    under.sweep();
    expect(occupied.slice(1)).toEqual([{ id: 2, leaf: null, stream: 1, open: false, refused: false }]);
    expect(under.tallies()).toEqual([{ id: 2, seen: 2, passed: 2 }]);
  });

  it('of a language channel takes only what its own check lets through, and says if something else goes on coming', async () => {
    let now = 0;
    let asked = 0;
    const sealing: Sealing = {
      ...byOne,
      open: () => {
        throw new Error('not this slot’s way');
      },
      openChannel: () => {
        asked += 1;
        return undefined;
      },
    };
    const { it: under, occupied, broken } = pump(() => sealing, () => now);
    const way = transformer({ way: 'receive', id: 3, kind: 0, channel: true }, []);
    let give: (it: Frame) => void = () => undefined;
    const readable = new ReadableStream<Frame>({
      start: (controller) => {
        give = (it) => controller.enqueue(it);
      },
    });
    under.attach({ ...way.transformer, readable });
    const comes = async (at_ms: number): Promise<void> => {
      now = at_ms;
      const before = asked;
      give(frame(5));
      while (asked === before) await new Promise((resolve) => setTimeout(resolve));
    };
    await comes(0);
    under.sweep();
    await comes(QUIET_MS - 1);
    under.sweep();
    expect(occupied).toEqual([]);
    now = QUIET_MS;
    under.sweep();
    under.sweep();
    expect(occupied).toEqual([{ id: 3, leaf: null, stream: 0, open: false, refused: true }]);
    now = 2 * QUIET_MS;
    under.sweep();
    expect(occupied.slice(1)).toEqual([{ id: 3, leaf: null, stream: 0, open: false, refused: false }]);
    expect(way.out).toEqual([]);
    expect(broken).toEqual([]);
  });
});
