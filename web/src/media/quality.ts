/** How well sound comes and goes, by what the browser counts. Pure. */

/** Counts of one or more slots at one moment; they only grow. */
export interface Reading {
  packets: number;
  lost: number;
  /** Samples that the browser made up because none came, silence left out. */
  made_up: number;
  samples: number;
}

export type Quality = 'nothing' | 'good' | 'uneven' | 'poor';

/** What of the sound may be missing: below the first nobody notices, above the second one word in ten is a guess. */
const UNEVEN = 0.02;
const POOR = 0.08;

export function qualityOf(before: Reading, after: Reading): Quality {
  const packets = after.packets - before.packets;
  if (packets <= 0) return 'nothing';
  const lost = Math.max(0, after.lost - before.lost);
  const samples = Math.max(1, after.samples - before.samples);
  const missing = Math.max(lost / (lost + packets), (after.made_up - before.made_up) / samples);
  if (missing >= POOR) return 'poor';
  return missing >= UNEVEN ? 'uneven' : 'good';
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
