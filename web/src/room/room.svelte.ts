/** The room behind the page: its worker, its media and its state. The page only shows it and asks it. */

import { ask } from '../base/http';
import { publicMeeting } from '../base/wire';
import { capture, type Capture, type Choice, type DeviceKind } from '../media/devices';
import type { Slot } from '../media/connection';
import { MediaLink } from '../media/link';
import { watch } from '../media/watchdog';
import type { Command } from '../protocol/Command';
import type { FromMember, ToMember } from '../worker/messages';
import type { Tally } from '../worker/pump';
import { forget, keep, type Kept, recall } from './keeping';
import { entering, newsOf, type News, type RoomEvent, type RoomState, step } from './state';

export class Room {
  readonly meeting: string;
  state: RoomState = $state.raw(entering);
  slots: readonly Slot[] = $state.raw([]);
  microphone: Capture = $state.raw({ state: 'off' });
  camera: Capture = $state.raw({ state: 'off' });
  /** The microphone is live but says nothing. */
  muted = $state(false);
  microphoneChoice: Choice = $state.raw({ device: undefined, plain: false });
  cameraChoice: Choice = $state.raw({ device: undefined, plain: false });
  loudspeaker = $state('');
  name = $state('');
  /** The person was in the room before this page was loaded. */
  returning = $state(false);

  readonly #told: (news: News) => void;
  #kept: Kept = { fragment: '', name: '', saved: null };
  #charter = '';
  #worker: Worker | undefined;
  #link: MediaLink | undefined;
  #unwatch: (() => void) | undefined;
  #keyed = false;
  #questions = new Map<number, (tallies: readonly Tally[]) => void>();
  #question = 0;
  #release: (() => void) | undefined;

  constructor(meeting: string, fragment: string, told: (news: News) => void) {
    this.meeting = meeting;
    this.#told = told;
    const before = recall(meeting);
    // A link that was opened anew counts more than what the tab remembers, unless it is the same one.
    if (before && (fragment === '' || fragment === before.fragment)) this.#kept = before;
    else this.#kept = { fragment, name: '', saved: null };
    this.name = this.#kept.name;
    this.returning = this.#kept.saved !== null;
    if (fragment !== '') {
      this.#keep();
      // From here on a photograph of the screen does not carry the secret, and a reload still works.
      history.replaceState(null, '', location.pathname);
    }
  }

  /** Reads the charter and the link. */
  async read(): Promise<void> {
    if (!('RTCRtpScriptTransform' in globalThis)) return this.#stop({ what: 'browser' });
    if (this.#kept.fragment === '') return this.#stop({ what: 'no-fragment' });
    this.#apply({ type: 'retry' });
    const path = `/api/meetings/${encodeURIComponent(this.meeting)}`;
    const answer = await ask(path, async (response) => publicMeeting(await response.json()));
    if (!answer.ok) return this.#stop({ what: answer.fault === 'refused' ? 'unknown-meeting' : 'unreachable' });
    this.#charter = answer.value.charter;
    this.#startWorker();
    this.#say({
      type: 'read',
      meeting: this.meeting,
      charter: this.#charter,
      fragment: this.#kept.fragment,
      saved: this.#kept.saved ?? undefined,
    });
  }

  async use(kind: DeviceKind): Promise<void> {
    const choice = kind === 'microphone' ? this.microphoneChoice : this.cameraChoice;
    this.#stopTrack(kind);
    this[kind] = { state: 'asking' };
    const got = await capture(kind, choice);
    this[kind] = got;
    if (got.state === 'live') {
      if (kind === 'microphone') got.track.enabled = !this.muted;
      // A device that is unplugged must not look as if it were on.
      got.track.addEventListener('ended', () => {
        const now = this[kind];
        if (now.state === 'live' && now.track === got.track) this[kind] = { state: 'fault', fault: 'absent' };
        this.#sendTracks();
      });
    }
    this.#sendTracks();
  }

  turnOff(kind: DeviceKind): void {
    this.#stopTrack(kind);
    this[kind] = { state: 'off' };
    this.#sendTracks();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    if (this.microphone.state === 'live') this.microphone.track.enabled = !muted;
  }

  async join(): Promise<void> {
    if (!(await this.#takeSeat())) return this.#stop({ what: 'other-tab' });
    this.#kept = { ...this.#kept, name: this.name.trim() };
    this.#keep();
    this.#apply({ type: 'joined' });
    const worker = this.#startWorker();
    this.#link = new MediaLink(worker, 'member', {
      state: (state) => this.#apply({ type: 'link', state }),
      slots: (slots) => {
        this.slots = slots;
        this.#apply({ type: 'slots' });
      },
    });
    this.#unwatch = watch({
      senders: () => this.#link?.connection?.senders ?? [],
      tallies: () => this.#count(),
      alarm: (what) => this.#alarm(what),
    });
    this.#say({
      type: 'join',
      seat: {
        meeting: this.meeting,
        charter: this.#charter,
        fragment: this.#kept.fragment,
        name: this.#kept.name,
        saved: this.#kept.saved ?? undefined,
      },
    });
  }

  command(command: Command): void {
    this.#apply({ type: 'heeded' });
    this.#say({ type: 'command', command });
  }

  leave(): void {
    this.command({ type: 'leave' });
    this.#end();
    this.#apply({ type: 'left' });
  }

  heed(): void {
    this.#apply({ type: 'heeded' });
  }

  #startWorker(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('../worker/member.worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<FromMember>) => this.#take(data));
    worker.addEventListener('error', () => this.#alarm('silent'));
    this.#worker = worker;
    return worker;
  }

  #take(message: FromMember): void {
    switch (message.type) {
      case 'read':
        return this.#apply(message);
      case 'unreadable':
        return this.#stop({ what: message.what, why: message.message });
      case 'saved':
        this.#kept = { ...this.#kept, saved: message.saved };
        return this.#keep();
      case 'view': {
        const before = this.state.view;
        this.#apply(message);
        for (const news of newsOf(before, message.view)) this.#told(news);
        if (message.view.lamp === 'adjourned') {
          this.#end();
          forget(this.meeting);
        }
        return;
      }
      case 'media':
        return this.#link?.admit(message.ticket, message.fresh);
      case 'keyed':
        this.#keyed = true;
        return this.#sendTracks();
      case 'fatal':
        this.#end();
        return this.#stop({ what: 'fatal', why: message.message });
      case 'broke':
        return this.#apply({ type: 'alarm', alarm: { what: 'broke', why: message.why } });
      case 'socket':
      case 'refused':
      case 'occupied':
        return this.#apply(message);
      case 'counted':
        this.#questions.get(message.question)?.(message.tallies);
        this.#questions.delete(message.question);
        return;
      default:
        message satisfies never;
    }
  }

  #sendTracks(): void {
    if (!this.#keyed) return;
    this.#link?.send(
      this.microphone.state === 'live' ? this.microphone.track : null,
      this.camera.state === 'live' ? this.camera.track : null,
    );
  }

  #stopTrack(kind: DeviceKind): void {
    const now = this[kind];
    if (now.state === 'live') now.track.stop();
  }

  #alarm(what: 'leak' | 'silent'): void {
    this.turnOff('microphone');
    this.turnOff('camera');
    this.#link?.close();
    this.#unwatch?.();
    this.#apply({ type: 'alarm', alarm: { what } });
  }

  #count(): Promise<readonly Tally[]> {
    const question = (this.#question += 1);
    return new Promise((resolve) => {
      this.#questions.set(question, resolve);
      this.#say({ type: 'count', question });
    });
  }

  /** One seat, one tab: two tabs would hold one device key between them. */
  async #takeSeat(): Promise<boolean> {
    if (this.#release) return true;
    return new Promise((resolve) => {
      void navigator.locks.request(`incamera:${this.meeting}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise<void>((release) => (this.#release = release));
      });
    });
  }

  #end(): void {
    this.#unwatch?.();
    this.#stopTrack('microphone');
    this.#stopTrack('camera');
    this.microphone = { state: 'off' };
    this.camera = { state: 'off' };
    this.#link?.close();
    this.slots = [];
    this.#release?.();
    this.#release = undefined;
  }

  #stop(obstacle: RoomState['obstacle'] & object): void {
    this.#apply({ type: 'obstacle', obstacle });
  }

  #keep(): void {
    keep(this.meeting, this.#kept);
  }

  #say(message: ToMember): void {
    this.#worker?.postMessage(message);
  }

  #apply(event: RoomEvent): void {
    this.state = step(this.state, event, Date.now());
  }
}
