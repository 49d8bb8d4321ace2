/**
 * One peer connection of ours, made so that nothing can leave it in clear.
 *
 * Browsers fail open: a transform attached one task too late is ignored, and one that is taken away lets everything
 * out. So: `encodedInsertableStreams` makes Chromium send nothing until there is a transform; each transform is attached
 * in the statement after its transceiver was made and never touched again; every transceiver goes one way only; tracks
 * come after the keys. The file `e2e/fail-open.test.mjs` holds this against a browser.
 */

import type { Relay } from '../protocol/Relay';
import type { Passage } from '../worker/pump';
import type { KindNumber, StreamNumber } from '../worker/sealing';
import { pinCodecs } from './codecs';

/** As many as the protocol's limits say: the loudest three, and one so that a change does not cut a word … */
export const AUDIO_SLOTS = 4;
/** … and everybody else in a room of ten. */
export const VIDEO_SLOTS = 9;

/**
 * The camera in three sizes, smallest first as the protocol has it: of 720p, 180, 360 and 720 lines. The server gives
 * each receiver the one that it has room for. All of them pass the one transform of their sender, under one key and one
 * counter. The server takes each for about so many bits (`LAYER_BPS` in its limits) until it has measured it.
 */
const CAMERA_LAYERS: RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_700_000 },
];

/** Writing stays sharp with few pictures a second. */
const SCREEN_BPS_MAX = 2_500_000;

export interface Sender {
  /** The number of its transform. */
  id: number;
  kind: 'audio' | 'video';
  sender: RTCRtpSender;
}

export interface Slot {
  /** The number of its transform. */
  id: number;
  kind: 'audio' | 'video';
  track: MediaStreamTrack;
  /** How the server names it; nothing before the offer. */
  mid: () => string | null;
  /** How loud it is just now, from 0 to 1. */
  level: () => number;
  stats: () => Promise<RTCStatsReport>;
}

export interface SealedConnection {
  pc: RTCPeerConnection;
  /** By stream number: microphone, camera, screen. Empty for a viewer. */
  senders: readonly Sender[];
  slots: readonly Slot[];
}

/** The configuration flag is Chromium's; Firefox ignores it, and is safe without. */
interface SealedConfiguration extends RTCConfiguration {
  encodedInsertableStreams: true;
}


/** No two transforms of a page share a number, over all its connections. */
let transforms = 0;

/** A connection that lets nothing out but through a transform. */
export function newConnection(relay: Relay | null = null): RTCPeerConnection {
  const configuration: SealedConfiguration = { encodedInsertableStreams: true, iceServers: iceServersOf(relay) };
  return new RTCPeerConnection(configuration);
}

export function openConnection(worker: Worker, role: 'member' | 'viewer', relay: Relay | null = null): SealedConnection {
  const pc = newConnection(relay);
  const senders = role === 'member' ? ([0, 1, 2] as const).map((stream) => addSender(pc, worker, stream)) : [];
  const slots: Slot[] = [];
  for (let n = 1; n < AUDIO_SLOTS; n += 1) slots.push(addSlot(pc, worker, 0));
  slots.push(addSlot(pc, worker, 0, 'channel'));
  for (let n = 0; n < VIDEO_SLOTS; n += 1) slots.push(addSlot(pc, worker, 1));
  return { pc, senders, slots };
}

/** A transceiver that sends the stream, sealed, once it is given a track. */
export function addSender(pc: RTCPeerConnection, worker: Worker, stream: StreamNumber): Sender {
  const id = (transforms += 1);
  const kind = stream === 0 ? 'audio' : 'video';
  const options: Passage = { way: 'send', id, stream };
  const init: RTCRtpTransceiverInit = {
    direction: 'sendonly',
    ...(stream === 1 && { sendEncodings: CAMERA_LAYERS }),
    ...(stream === 2 && { sendEncodings: [{ maxBitrate: SCREEN_BPS_MAX }] }),
  };
  const transceiver = pc.addTransceiver(kind, init);
  transceiver.sender.transform = new RTCRtpScriptTransform(worker, options);
  pinCodecs(transceiver, kind);
  return { id, kind, sender: transceiver.sender };
}

/** A transceiver that receives and opens. The last one of sound carries a language channel, if one is listened to. */
export function addSlot(pc: RTCPeerConnection, worker: Worker, kind: KindNumber, carries?: 'channel'): Slot {
  const id = (transforms += 1);
  const options: Passage = { way: 'receive', id, kind, ...(carries && { channel: true }) };
  const transceiver = pc.addTransceiver(kind === 0 ? 'audio' : 'video', { direction: 'recvonly' });
  transceiver.receiver.transform = new RTCRtpScriptTransform(worker, options);
  pinCodecs(transceiver, kind === 0 ? 'audio' : 'video');
  return {
    id,
    kind: kind === 0 ? 'audio' : 'video',
    track: transceiver.receiver.track,
    mid: () => transceiver.mid,
    level: () => transceiver.receiver.getSynchronizationSources()[0]?.audioLevel ?? 0,
    stats: () => transceiver.receiver.getStats(),
  };
}

/**
 * Turns layers of a sender on and off, by what the server says anybody is shown. It may lie: then pictures are worse or
 * more is sent than need be. What is sent passes the transform whichever layers it is; tracks, keys and lamp have no
 * part in this. An encoding is only ever made active or not: nothing is negotiated, attached or taken away.
 */
export async function sendLayers(sender: RTCRtpSender, wanted: readonly boolean[]): Promise<void> {
  const parameters = sender.getParameters();
  let changed = false;
  parameters.encodings.forEach((encoding, layer) => {
    const active = wanted[layer] ?? true;
    changed ||= encoding.active !== active;
    encoding.active = active;
  });
  if (changed) await sender.setParameters(parameters);
}

/**
 * The offer. Its candidates are not waited for: the engine has one address, answers checks from wherever they come and
 * reads no candidates, and a relay that is slow to answer must keep nobody out whom the direct way would let in.
 */
export async function offerOf(pc: RTCPeerConnection): Promise<string> {
  await pc.setLocalDescription();
  return pc.localDescription?.sdp ?? '';
}

/** The relay as the browser wants it; of what the house says, only addresses of relays. */
export function iceServersOf(relay: Relay | null): RTCIceServer[] {
  const urls = (relay?.urls ?? []).filter((url) => /^turns?:/.test(url));
  if (!relay || urls.length === 0) return [];
  return [{ urls, username: relay.username, credential: relay.credential }];
}
