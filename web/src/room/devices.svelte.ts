/** The person's own camera, microphone and loudspeaker: which they are, whether they are on, and what becomes of one that fails. */

import {
  capture,
  type Capture,
  type Choice,
  chosenByBrowser,
  type DeviceKind,
  type Devices,
  listDevices,
  noDevices,
  otherCamera,
} from '../media/devices';
import { firstPicture } from '../media/pictures';

export class OwnDevices {
  microphone: Capture = $state.raw({ state: 'off' });
  camera: Capture = $state.raw({ state: 'off' });
  /** Another program has the microphone: it is live, and nothing comes of it. */
  held = $state(false);
  /** The camera is on, and no picture comes from it. */
  still = $state(false);
  microphoneChoice: Choice = $state.raw(chosenByBrowser);
  cameraChoice: Choice = $state.raw(chosenByBrowser);
  loudspeaker = $state('');
  /** The chosen loudspeaker is gone: the browser's own is heard instead. */
  loudspeakerGone = $state(false);
  /** What this machine has. */
  there: Devices = $state.raw(noDevices);
  /** Another one of this kind was chosen and could not be had: the one before goes on. */
  stayed: DeviceKind | null = $state(null);

  readonly #changed: () => void;
  /** How often each kind of device was asked for or turned off: only the latest counts. */
  readonly #asked = { microphone: 0, camera: 0 };

  /** `changed`: there is another track, or none. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Keeps the list of what there is, until the result is called. */
  follow(): () => void {
    const look = (): void => void this.#list();
    look();
    navigator.mediaDevices?.addEventListener('devicechange', look);
    return () => navigator.mediaDevices?.removeEventListener('devicechange', look);
  }

  /** Another device from now on, or another way to use it. What was turned off stays off; what was on stays on if the other cannot be had. */
  async choose(kind: DeviceKind, choice: Choice): Promise<void> {
    const before = this[kind];
    const spare: Choice | undefined =
      before.state === 'live'
        ? { ...this.#choiceOf(kind), device: before.track.getSettings().deviceId, facing: undefined }
        : undefined;
    this.#setChoice(kind, choice);
    if (before.state !== 'off') await this.#take(kind, spare);
  }

  /** The camera on the other side of a telephone, or the next of several. */
  async turnCamera(): Promise<void> {
    if (this.camera.state !== 'live') return;
    await this.choose('camera', { ...this.cameraChoice, ...otherCamera(this.camera.track, this.there.cameras) });
    // By its name from now on: asked for again, it is the same one.
    if (this.camera.state !== 'live') return;
    const { deviceId } = this.camera.track.getSettings();
    this.cameraChoice = { ...this.cameraChoice, device: deviceId, facing: undefined };
  }

  use(kind: DeviceKind): Promise<void> {
    return this.#take(kind, undefined);
  }

  /** Turns on what is chosen. A telephone has one camera at a time: the one before is let go of first, and taken back if need be. */
  async #take(kind: DeviceKind, spare: Choice | undefined): Promise<void> {
    this.#stop(kind);
    this[kind] = { state: 'asking' };
    this.stayed = null;
    const asked = (this.#asked[kind] += 1);
    let got = await capture(kind, this.#choiceOf(kind));
    const back = got.state === 'fault' && asked === this.#asked[kind] ? spare : undefined;
    if (back) {
      this.#setChoice(kind, back);
      got = await capture(kind, back);
    }
    if (asked !== this.#asked[kind]) {
      // Meanwhile another was chosen, or none.
      if (got.state === 'live') got.track.stop();
      return;
    }
    // What is not there is not asked for again: the next time it is whichever the browser has.
    if (got.state === 'fault' && got.fault === 'gone')
      this.#setChoice(kind, { ...this.#choiceOf(kind), device: undefined, facing: undefined });
    this[kind] = got;
    if (got.state === 'live') this.#watch(kind, got.track);
    if (got.state === 'live' && back) this.stayed = kind;
    this.#changed();
    // Devices have names once a permission was given.
    void this.#list();
  }

  #watch(kind: DeviceKind, track: MediaStreamTrack): void {
    const isIt = (): boolean => {
      const now = this[kind];
      return now.state === 'live' && now.track === track;
    };
    // A device that is unplugged must not look as if it were on.
    track.addEventListener('ended', () => {
      if (isIt()) this.#unplugged(kind);
    });
    let pictured = true;
    const look = (): void => {
      if (!isIt()) return;
      if (kind === 'microphone') this.held = track.muted;
      else this.still = track.muted || !pictured;
    };
    for (const change of ['mute', 'unmute'] as const) track.addEventListener(change, look);
    look();
    if (kind === 'camera')
      firstPicture(track, (came) => {
        pictured = came;
        look();
      });
  }

  turnOff(kind: DeviceKind): void {
    this.#asked[kind] += 1;
    this.#stop(kind);
    this[kind] = { state: 'off' };
    this.stayed = null;
    this.#changed();
  }

  /** What was unplugged, or held by another program, may be there again. */
  again(): void {
    for (const kind of ['camera', 'microphone'] as const) {
      const now = this[kind];
      if (now.state === 'fault' && (now.fault === 'absent' || now.fault === 'gone' || now.fault === 'busy')) void this.use(kind);
    }
  }

  /** What was in use is gone. Another that is there takes its place; else whichever comes first. */
  #unplugged(kind: DeviceKind): void {
    this.#stop(kind);
    this[kind] = { state: 'fault', fault: 'absent' };
    this.#changed();
    void this.choose(kind, { ...this.#choiceOf(kind), device: undefined, facing: undefined });
  }

  #choiceOf(kind: DeviceKind): Choice {
    return kind === 'camera' ? this.cameraChoice : this.microphoneChoice;
  }

  #setChoice(kind: DeviceKind, choice: Choice): void {
    if (kind === 'camera') this.cameraChoice = choice;
    else this.microphoneChoice = choice;
  }

  #stop(kind: DeviceKind): void {
    const now = this[kind];
    if (now.state === 'live') now.track.stop();
    if (kind === 'microphone') this.held = false;
    else this.still = false;
  }

  async #list(): Promise<void> {
    this.there = await listDevices();
    if (this.loudspeaker === '' || this.there.loudspeakers.some(({ deviceId }) => deviceId === this.loudspeaker)) return;
    this.loudspeaker = '';
    this.loudspeakerGone = true;
  }

  /** Where the others are heard from now on; nothing: where the browser has it. */
  hearFrom(loudspeaker: string): void {
    this.loudspeaker = loudspeaker;
    this.loudspeakerGone = false;
  }
}
