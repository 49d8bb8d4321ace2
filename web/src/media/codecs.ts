/** Opus and VP8, nothing else: what survives sealing whole frames, and what the server forwards. */

/** Chromium's limits aside, the same list is offered for sending and receiving. */
export function pinCodecs(transceiver: RTCRtpTransceiver, kind: 'audio' | 'video'): void {
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  transceiver.setCodecPreferences(codecs.filter((codec) => isWanted(codec.mimeType, kind)));
}

// No RED: it puts several frames into one packet after the transform. No H.264 or AV1: they look into the frame.
const wanted = { audio: ['audio/opus'], video: ['video/vp8', 'video/rtx'] };

export const isWanted = (mimeType: string, kind: 'audio' | 'video'): boolean =>
  wanted[kind].includes(mimeType.toLowerCase());
