/**
 * Compares, each second, what the browser says it has encoded with what the worker says it has seen: a frame that the
 * worker never saw went out in clear. And looks at the codecs: whatever but Opus and VP8 was never meant to be sealed,
 * and nobody knows what a browser makes of it.
 */

import type { Tally } from '../worker/pump';
import { isWanted } from './codecs';
import type { Sender } from './connection';

/** One sender at one moment. `made` was read before `seen`, so `seen` may only be larger, but for frames on the way. */
export interface Reading {
  id: number;
  /** Frames that the browser says it encoded, or packets that it says it sent. */
  made: number;
  /** Frames that the worker has seen, or has let through. */
  seen: number;
  /** Encoders at work: a camera has one for each layer. */
  encoders: number;
}

/** What was negotiated for one sender, or is used by it, by MIME types. */
export interface Codecs {
  kind: Sender['kind'];
  types: readonly string[];
}

/**
 * Frames of one encoder that may be on the way between it and the worker, or that the browser has dropped between the two,
 * as it does when the worker is busy: a second of video. Smaller would cry wolf, and a meeting would end for nothing;
 * larger would be slower to notice.
 */
export const ON_THE_WAY_MAX = 30;

/** The senders that let something out which the worker did not seal. */
export const leaking = (readings: readonly Reading[]): number[] =>
  readings.filter(({ made, seen, encoders }) => made - seen > ON_THE_WAY_MAX * encoders).map(({ id }) => id);

/** Whether somebody has turned a sender to a codec that this page never offered. */
export const estranged = (codecs: readonly Codecs[]): boolean =>
  codecs.some(({ kind, types }) => types.some((type) => !isWanted(type, kind)));

/** How often. */
const PERIOD_MS = 1_000;
/**
 * A worker that does not answer for so many turns of the page is dead. Its media has stopped by itself; the person must be
 * told. Counted in turns and not by the clock: of a page that did not get to run for a while, or of a machine that slept,
 * the clock would blame the worker for what the page itself had not yet read.
 */
const SILENT_TURNS_MAX = 6;

/** Frames left in clear; the worker does not answer; a codec is in use that does not survive sealing. */
export type Alarm = 'leak' | 'silent' | 'codec';

export interface Watched {
  senders(): readonly Sender[];
  /** Asks the worker. */
  tallies(): Promise<readonly Tally[]>;
  alarm(why: Alarm): void;
}

/** Starts to watch; the result stops it. */
export function watch(watched: Watched): () => void {
  /** Turns since the round began that is under way. */
  let waited: number | undefined;
  const round = async (): Promise<void> => {
    const senders = watched.senders();
    // All at once: each wait is a turn of a page that may be busy.
    const made = await Promise.all(senders.map(madeBy));
    if (estranged(made)) watched.alarm('codec');
    const tallies = new Map((await watched.tallies()).map((tally) => [tally.id, tally]));
    const readings = senders.map(({ id, kind }, n) => ({
      id,
      made: made[n]?.frames ?? 0,
      encoders: made[n]?.encoders ?? 1,
      seen: (kind === 'video' ? tallies.get(id)?.seen : tallies.get(id)?.passed) ?? 0,
    }));
    // Senders of a connection that was replaced meanwhile have left the worker's list.
    const current = new Set(watched.senders().map(({ id }) => id));
    if (leaking(readings.filter(({ id }) => current.has(id))).length > 0) watched.alarm('leak');
  };
  const timer = setInterval(() => {
    if (waited !== undefined) {
      waited += 1;
      if (waited >= SILENT_TURNS_MAX) watched.alarm('silent');
      return;
    }
    waited = 0;
    round()
      .catch(() => undefined)
      .finally(() => {
        waited = undefined;
      });
  }, PERIOD_MS);
  return () => clearInterval(timer);
}

/**
 * Video counts its encoded frames. Sound does not: each packet carries one frame, so packets sent are held against
 * frames let through.
 */
async function madeBy({ sender, kind }: Sender): Promise<Made> {
  let frames = 0;
  let encoders = 0;
  const types = sender.getParameters().codecs.map(({ mimeType }) => mimeType);
  (await sender.getStats()).forEach((report: RTCStats) => {
    const { mimeType, framesEncoded = 0, packetsSent = 0, retransmittedPacketsSent = 0 }: Report = report;
    if (report.type === 'codec' && mimeType !== undefined) types.push(mimeType);
    if (report.type !== 'outbound-rtp') return;
    const made = kind === 'video' ? framesEncoded : packetsSent - retransmittedPacketsSent;
    frames += made;
    if (made > 0) encoders += 1;
  });
  return { kind, types, frames, encoders: Math.max(1, encoders) };
}

interface Made extends Codecs {
  frames: number;
  encoders: number;
}

interface Report extends RTCStats {
  mimeType?: string;
  framesEncoded?: number;
  packetsSent?: number;
  retransmittedPacketsSent?: number;
}
