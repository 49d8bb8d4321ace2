/** How well sound comes and goes, by what the browser counts. Pure. */

import type { Flaw, Heard } from './speech';

/** Counts of one or more slots at one moment; they only grow. */
export interface Reading {
  packets: number;
  lost: number;
  /** Samples that the browser made up because none came, silence left out. */
  made_up: number;
  samples: number;
}

/** How whole it comes. */
export type Wholeness = 'nothing' | 'good' | 'uneven' | 'poor';

/** What is told of it: the worst that is true. */
export type Quality = Wholeness | 'silent' | Flaw;

/** What of the sound may be missing: below the first nobody notices, above the second one word in ten is a guess. */
const UNEVEN = 0.02;
const POOR = 0.08;

export function wholenessOf(before: Reading, after: Reading): Wholeness {
  const packets = after.packets - before.packets;
  if (packets <= 0) return 'nothing';
  const lost = Math.max(0, after.lost - before.lost);
  const samples = Math.max(1, after.samples - before.samples);
  const missing = Math.max(lost / (lost + packets), (after.made_up - before.made_up) / samples);
  if (missing >= POOR) return 'poor';
  return missing >= UNEVEN ? 'uneven' : 'good';
}

/**
 * With what is heard of it; nothing, where that cannot be told. Of whoever is silent nothing need come: that no sound comes
 * is said only where somebody is to be heard.
 */
export function qualityOf(comes: Wholeness, heard: Heard | undefined, awaited: boolean): Quality {
  if (comes === 'nothing') return awaited ? 'nothing' : 'silent';
  if (comes === 'poor' || heard === undefined || heard === 'fine' || heard === 'sound') return comes;
  return heard;
}

/** Fewer packets than these say nothing: whoever is silent sends few. */
const PACKETS_MIN = 40;

/** So much is lost on the way that words are missing. */
export function isLossy(before: Reading, after: Reading): boolean {
  const packets = Math.max(0, after.packets - before.packets);
  const lost = Math.max(0, after.lost - before.lost);
  return packets + lost >= PACKETS_MIN && lost / (packets + lost) >= POOR;
}

interface Inbound extends RTCStats {
  packetsReceived?: number;
  packetsLost?: number;
  concealedSamples?: number;
  silentConcealedSamples?: number;
  totalSamplesReceived?: number;
}

export const nothingRead: Reading = { packets: 0, lost: 0, made_up: 0, samples: 0 };

export function readingOf(reports: readonly RTCStatsReport[]): Reading {
  const sum = { ...nothingRead };
  for (const report of reports) {
    report.forEach((stats: RTCStats) => {
      if (stats.type !== 'inbound-rtp') return;
      const inbound: Inbound = stats;
      // A slot in which nobody ever was counts nothing.
      if (!inbound.packetsReceived) return;
      sum.packets += inbound.packetsReceived;
      sum.lost += inbound.packetsLost ?? 0;
      sum.made_up += (inbound.concealedSamples ?? 0) - (inbound.silentConcealedSamples ?? 0);
      sum.samples += inbound.totalSamplesReceived ?? 0;
    });
  }
  return sum;
}

/** What the browser has measured of the own microphone so far; both only grow. */
export interface Voice {
  /** The square of the level, of full scale, over the seconds. */
  energy: number;
  seconds: number;
}

/** Speech is usual at -20 dB of full scale, its pauses with it hardly below -40; a room in which nobody speaks is softer. */
const VOICE_DB = -50;

/** Somebody has spoken in between. */
export const hasSpoken = (before: Voice, after: Voice): boolean =>
  after.seconds > before.seconds &&
  10 * Math.log10((after.energy - before.energy) / (after.seconds - before.seconds)) > VOICE_DB;

interface Source extends RTCStats {
  totalAudioEnergy?: number;
  totalSamplesDuration?: number;
}

/** Nothing, where the browser does not measure. */
export function voiceOf(report: RTCStatsReport): Voice | undefined {
  let voice: Voice | undefined;
  report.forEach((stats: RTCStats) => {
    const { type, totalAudioEnergy, totalSamplesDuration }: Source = stats;
    if (type !== 'media-source' || totalAudioEnergy === undefined || totalSamplesDuration === undefined) return;
    voice = { energy: totalAudioEnergy, seconds: totalSamplesDuration };
  });
  return voice;
}

interface Outbound extends RTCStats {
  packetsSent?: number;
  packetsLost?: number;
}

/** The same of what is sent: how much, and what the house says it lacks of it. */
export function sentOf(report: RTCStatsReport): Reading {
  const sum = { ...nothingRead };
  report.forEach((stats: RTCStats) => {
    const outbound: Outbound = stats;
    if (stats.type === 'outbound-rtp') sum.packets += outbound.packetsSent ?? 0;
    if (stats.type === 'remote-inbound-rtp') sum.lost += outbound.packetsLost ?? 0;
  });
  // Of what was sent, that which came.
  return { ...sum, packets: Math.max(0, sum.packets - sum.lost) };
}
