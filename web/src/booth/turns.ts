/** Who has the microphone of a booth, and what its button and that for the handover do. Pure. */

import type { BoothsOf } from '../protocol/BoothsOf';
import type { ChannelOf } from '../protocol/ChannelOf';
import type { Command } from '../protocol/Command';
import type { Leaf } from '../protocol/Leaf';
import type { SitterOf } from '../protocol/SitterOf';

export interface Turn {
  /** What the handover's button does; nothing: there is nothing to hand over. */
  command: Extract<Command, { type: 'air' | 'hand_over' }> | null;
  says:
    | 'alone'
    | 'nobody'
    | 'offer'
    | 'unoffer'
    /** Whoever asks gets it. */
    | 'give'
    | 'ask'
    | 'unask'
    /** It is offered. */
    | 'accept';
  /** The other one it is about. */
  leaf: Leaf | null;
}

export const boothOf = ({ channels, sits }: BoothsOf): ChannelOf | undefined =>
  sits === null ? undefined : channels[sits];

/** What the handover can do now. `me`: my own leaf. */
export function turnOf(booths: BoothsOf, me: Leaf): Turn {
  const booth = boothOf(booths);
  if (!booth) return { command: null, says: 'nobody', leaf: null };
  const others = booth.sitters.filter(({ leaf }) => leaf !== me);
  const wants = (of: Leaf | null): boolean => booth.sitters.some(({ leaf, wants }) => leaf === of && wants);
  if (booths.on_air) {
    const asking: SitterOf | undefined = others.find(({ wants }) => wants);
    if (asking) return { command: { type: 'hand_over', wanted: true }, says: 'give', leaf: asking.leaf };
    if (others.length === 0) return { command: null, says: 'alone', leaf: null };
    const offered = wants(me);
    return { command: { type: 'hand_over', wanted: !offered }, says: offered ? 'unoffer' : 'offer', leaf: null };
  }
  const { voice } = booth;
  if (voice === null) return { command: null, says: 'nobody', leaf: null };
  if (wants(voice)) return { command: { type: 'air', on: true }, says: 'accept', leaf: voice };
  const asked = wants(me);
  return { command: { type: 'hand_over', wanted: !asked }, says: asked ? 'unask' : 'ask', leaf: voice };
}

/** What the microphone's button does: give it back, take it when it is free or offered, or nothing. */
export function airOf(booths: BoothsOf): Extract<Command, { type: 'air' }> | null {
  const booth = boothOf(booths);
  if (!booth) return null;
  if (booths.on_air) return { type: 'air', on: false };
  const free = booth.voice === null || booth.sitters.some(({ leaf, wants }) => leaf === booth.voice && wants);
  return free ? { type: 'air', on: true } : null;
}

/** What can be heard in a booth: the floor, and every other language, unless it is itself interpreted from this one. */
export interface Source {
  /** Number of the channel; nothing: the floor. */
  channel: number | null;
  language: string | null;
  voice: Leaf | null;
  /** Listening to it would go round in a circle. */
  circular: boolean;
}

export function sourcesOf(booths: BoothsOf): Source[] {
  const { channels, sits } = booths;
  const floor: Source = { channel: null, language: null, voice: null, circular: false };
  const languages = channels.map(({ language, voice }, channel): Source => {
    return { channel, language, voice, circular: channel === sits || comesFrom(channels, channel, sits) };
  });
  return [floor, ...languages];
}

/** Whether a channel is interpreted, over any number of relays, from that one. */
function comesFrom(channels: readonly ChannelOf[], channel: number, from: number | null): boolean {
  let at: number | null = channel;
  for (let step = 0; step < channels.length && at !== null; step += 1) {
    at = channels[at]?.relays ?? null;
    if (at !== null && at === from) return true;
  }
  return false;
}
