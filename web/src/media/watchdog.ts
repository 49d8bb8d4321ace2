/**
 * Compares, each second, what the browser says it has encoded with what the worker says it has seen: a frame that the
 * worker never saw went out in clear.
 */

import type { Tally } from '../worker/pump';
import type { Sender } from './connection';

/** One sender at one moment. `made` was read before `seen`, so `seen` may only be larger, but for frames on the way. */
export interface Reading {
  id: number;
  /** Frames that the browser says it encoded, or packets that it says it sent. */
  made: number;
  /** Frames that the worker has seen, or has let through. */
  seen: number;
}

/**
 * Frames that may be on the way between encoder and worker: a quarter of a second of video, and of sound at 20 ms.
 * Smaller would cry wolf when the machine is busy; larger would be slower to notice.
 */
export const ON_THE_WAY_MAX = 12;

/** The senders that let something out which the worker did not seal. */
export const leaking = (readings: readonly Reading[]): number[] =>
  readings.filter(({ made, seen }) => made - seen > ON_THE_WAY_MAX).map(({ id }) => id);

/** How often. */
const PERIOD_MS = 1_000;
/** A worker that does not answer for this long is dead. Its media has stopped by itself; the person must be told. */
const SILENCE_MS_MAX = 6_000;

export interface Watched {
  senders(): readonly Sender[];
  /** Asks the worker. */
  tallies(): Promise<readonly Tally[]>;
  alarm(why: 'leak' | 'silent'): void;
}

/** Starts to watch; the result stops it. */
export function watch(watched: Watched): () => void {
  let busySince: number | undefined;
  const round = async (): Promise<void> => {
    const senders = watched.senders();
    const made = new Map<number, number>();
    for (const sender of senders) made.set(sender.id, await madeBy(sender));
    const tallies = new Map((await watched.tallies()).map((tally) => [tally.id, tally]));
    const readings = senders.map(({ id, kind }) => ({
      id,
      made: made.get(id) ?? 0,
      seen: (kind === 'video' ? tallies.get(id)?.seen : tallies.get(id)?.passed) ?? 0,
    }));
    // Senders of a connection that was replaced meanwhile have left the worker's list.
    const current = new Set(watched.senders().map(({ id }) => id));
    if (leaking(readings.filter(({ id }) => current.has(id))).length > 0) watched.alarm('leak');
  };
  const timer = setInterval(() => {
    if (busySince !== undefined) {
      if (performance.now() - busySince > SILENCE_MS_MAX) watched.alarm('silent');
      return;
    }
    busySince = performance.now();
    round()
      .catch(() => undefined)
      .finally(() => {
        busySince = undefined;
      });
  }, PERIOD_MS);
  return () => clearInterval(timer);
}

/**
 * Video counts its encoded frames. Sound does not: each packet carries one frame, so packets sent are held against
 * frames let through.
 */
async function madeBy({ sender, kind }: Sender): Promise<number> {
  let made = 0;
  (await sender.getStats()).forEach((report: RTCStats) => {
    if (report.type !== 'outbound-rtp') return;
    const { framesEncoded = 0, packetsSent = 0, retransmittedPacketsSent = 0 }: OutboundCounts = report;
    made += kind === 'video' ? framesEncoded : packetsSent - retransmittedPacketsSent;
  });
  return made;
}

interface OutboundCounts extends RTCStats {
  framesEncoded?: number;
  packetsSent?: number;
  retransmittedPacketsSent?: number;
}
