/** Camera and microphone: asked for one by one, so that the lack of one does not cost the other. */

export type DeviceKind = 'microphone' | 'camera';

/** Why there is no device. Each has a sentence of its own. */
export type DeviceFault = 'denied' | 'absent' | 'busy' | 'insecure' | 'failed';

export type Capture =
  | { state: 'asking' }
  | { state: 'live'; track: MediaStreamTrack }
  | { state: 'off' }
  | { state: 'fault'; fault: DeviceFault };

export interface Choice {
  /** A device id, or the browser's own choice. */
  device: string | undefined;
  /** The sound as it is: no echo canceller, noise suppressor or gain control. For headsets and booths. */
  plain: boolean;
}

/** What `getUserMedia` throws, as a case that a person can act on. */
export function faultOf(name: string): DeviceFault {
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'absent';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

export async function capture(kind: DeviceKind, { device, plain }: Choice): Promise<Capture> {
  // Outside of https and localhost the browser has no devices at all to offer.
  if (!isSecureContext) return { state: 'fault', fault: 'insecure' };
  const chosen = device ? { deviceId: { exact: device } } : {};
  const constraints: MediaStreamConstraints =
    kind === 'microphone'
      ? {
          audio: {
            ...chosen,
            channelCount: 1,
            echoCancellation: !plain,
            noiseSuppression: !plain,
            autoGainControl: !plain,
          },
        }
      : { video: { ...chosen, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } } };
  try {
    const [track] = (await navigator.mediaDevices.getUserMedia(constraints)).getTracks();
    return track ? { state: 'live', track } : { state: 'fault', fault: 'failed' };
  } catch (error) {
    return { state: 'fault', fault: faultOf(error instanceof Error ? error.name : '') };
  }
}

export interface Devices {
  microphones: MediaDeviceInfo[];
  cameras: MediaDeviceInfo[];
  loudspeakers: MediaDeviceInfo[];
}

/** Names are only there once a permission was given. */
export async function listDevices(): Promise<Devices> {
  const all = isSecureContext ? await navigator.mediaDevices.enumerateDevices() : [];
  const named = (kind: MediaDeviceKind): MediaDeviceInfo[] =>
    all.filter((device) => device.kind === kind && device.deviceId !== '');
  return { microphones: named('audioinput'), cameras: named('videoinput'), loudspeakers: named('audiooutput') };
}

/** A screen or a window, without its sound; nothing, if the person thinks better of it or the browser cannot. */
export async function captureScreen(): Promise<MediaStreamTrack | undefined> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 10, max: 15 } } });
    const [track] = stream.getVideoTracks();
    // Writing rather than movement.
    if (track) track.contentHint = 'detail';
    return track;
  } catch {
    return undefined;
  }
}
