/** Camera and microphone: asked for one by one, so that the lack of one does not cost the other. */

export type DeviceKind = 'microphone' | 'camera';

/** Why there is no device. Each has a sentence of its own. */
export type DeviceFault =
  | 'denied'
  | 'dismissed'
  | 'system'
  | 'absent'
  | 'gone'
  | 'busy'
  | 'insecure'
  | 'unsupported'
  | 'failed';

export type Capture =
  | { state: 'asking' }
  | { state: 'live'; track: MediaStreamTrack }
  | { state: 'off' }
  | { state: 'fault'; fault: DeviceFault };

/** Which way a camera of a telephone looks: at the person, or where the person looks. */
export type Facing = 'user' | 'environment';

export interface Choice {
  /** A device id, or the browser's own choice. */
  device: string | undefined;
  /** The camera of this side, whichever it is. */
  facing: Facing | undefined;
  /** The sound as it is: no echo canceller, noise suppressor or gain control. For headsets and booths. */
  plain: boolean;
}

export const chosenByBrowser: Choice = { device: undefined, facing: undefined, plain: false };

/** What the browser remembers of this page's permission; nothing, where it does not say. */
export type Permission = PermissionState | undefined;

/** What `getUserMedia` throws, as a case that a person can act on. */
export function faultOf({ name, message }: { name: string; message: string }, permission: Permission): DeviceFault {
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return refusalOf(message, permission);
    case 'NotFoundError':
      return 'absent';
    case 'OverconstrainedError':
      return 'gone';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

/** One error for three ways to refuse. If the page itself may, it is the machine that refuses; Chromium also writes so. If the page may still ask, nobody has said no for good. */
function refusalOf(message: string, permission: Permission): DeviceFault {
  if (permission === 'granted' || message.endsWith('by system')) return 'system';
  return permission === 'prompt' ? 'dismissed' : 'denied';
}

async function permissionOf(name: DeviceKind): Promise<Permission> {
  try {
    return (await navigator.permissions.query({ name })).state;
  } catch {
    // This browser does not tell of this one.
    return undefined;
  }
}

export async function capture(kind: DeviceKind, { device, facing, plain }: Choice): Promise<Capture> {
  // Outside of https and localhost the browser has no devices at all to offer.
  if (!isSecureContext) return { state: 'fault', fault: 'insecure' };
  if (!navigator.mediaDevices) return { state: 'fault', fault: 'unsupported' };
  const chosen = device ? { deviceId: { exact: device } } : {};
  const side = facing ? { facingMode: { exact: facing } } : {};
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
      : { video: { ...chosen, ...side, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } } };
  try {
    const [track] = (await navigator.mediaDevices.getUserMedia(constraints)).getTracks();
    return track ? { state: 'live', track } : { state: 'fault', fault: 'failed' };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: '', message: '' };
    return { state: 'fault', fault: faultOf({ name, message }, await permissionOf(kind)) };
  }
}

export interface Devices {
  microphones: MediaDeviceInfo[];
  cameras: MediaDeviceInfo[];
  loudspeakers: MediaDeviceInfo[];
}

export const noDevices: Devices = { microphones: [], cameras: [], loudspeakers: [] };

/** Which way the camera looks, where it is one that has a side. */
export function facingOf(track: MediaStreamTrack): Facing | undefined {
  const { facingMode } = track.getSettings();
  return facingMode === 'user' || facingMode === 'environment' ? facingMode : undefined;
}

/** Which camera comes after this one: the one of the other side; of those that have no side the next, and after the last the first. */
export function otherCamera(track: MediaStreamTrack, cameras: readonly MediaDeviceInfo[]): Pick<Choice, 'device' | 'facing'> {
  const facing = facingOf(track);
  if (facing) return { device: undefined, facing: facing === 'user' ? 'environment' : 'user' };
  const at = cameras.findIndex(({ deviceId }) => deviceId === track.getSettings().deviceId);
  return { device: cameras[(at + 1) % cameras.length]?.deviceId, facing: undefined };
}

/** Names are only there once a permission was given. */
export async function listDevices(): Promise<Devices> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
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
