/** The room behind the page: its worker, its media and its state. The page only shows it and asks it. */

import { ask } from '../base/http';
import { publicMeeting } from '../base/wire';
import { store, stored } from '../keep/tab';
import { captureScreen } from '../media/devices';
import { whenItMayCome } from '../media/again';
import { BENEATH, type Choice as Channel } from '../media/channels';
import { AUDIO_SLOTS, type Slot } from '../media/connection';
import { Heights } from '../media/heights';
import { MediaLink } from '../media/link';
import { recall, remember } from '../media/remember';
import { type Alarm, watch } from '../media/watchdog';
import type { Command } from '../protocol/Command';
import type { MemberView } from '../protocol/MemberView';
import type { PublicMeeting } from '../protocol/PublicMeeting';
import type { FromMember, ToMember } from '../worker/messages';
import type { Tally } from '../worker/pump';
import { stayAwake, thisScreen } from './awake';
import { firstToHear } from './floor';
import { OwnDevices } from './devices.svelte';
import { pinsOf } from './layout';
import { entering, isRead, newsOf, type News, type RoomEvent, type RoomState, step } from './state';
import { begins, whisperers } from './whisper';

/** In lines of the screen. */
const PINNED_HEIGHT = 720;

/** Sizes that change within this time, while somebody drags a window, are told once. */
const WATCH_MS = 250;

export class Room {
  readonly meeting: string;
  state: RoomState = $state.raw(entering);
  slots: readonly Slot[] = $state.raw([]);
  readonly devices = new OwnDevices(() => this.#sendTracks());
  /** What is shown of the screen. */
  screen: MediaStreamTrack | null = $state.raw(null);
  /** The screen is shown no more, because the doors have opened. */
  unshared = $state(false);
  /** The microphone is live but says nothing. */
  muted = $state(false);
  /** Silent for as long as a key is held. */
  coughing = $state(false);
  /** The person speaks to their delegation alone, or wants to. */
  whispers = $state(false);
  /** How loud the floor is beneath a language channel, from 0 to 1. */
  beneath = $state(BENEATH);
  name = $state('');
  /** The person was in the room before this page was loaded, or before they left. */
  returning = $state(false);
  /** A reload finds this device again. */
  keeps = $state(true);

  readonly #told: (news: News) => void;
  #fragment: string;
  #public: PublicMeeting | undefined;
  #worker: Worker | undefined;
  #link: MediaLink | undefined;
  #unwatch: (() => void) | undefined;
  /** Lets the screen sleep again. */
  #sleep: (() => void) | undefined;
  #unreturn: (() => void) | undefined;
  #keyed = false;
  readonly #heights = new Heights(() => this.#watch(), WATCH_MS);
  #pins: readonly number[] = [];
  /** Whom the house was asked to send before all others. */
  #first: number | null = null;
  #questions = new Map<number, (tallies: readonly Tally[]) => void>();
  #question = 0;
  /** What was heard before a reload is heard again. */
  #recalled = false;
  #askedForDesk: ((fragment: string | null) => void)[] = [];

  constructor(meeting: string, fragment: string, told: (news: News) => void) {
    this.meeting = meeting;
    this.#told = told;
    this.#fragment = fragment;
  }

  /** The house records open parts. */
  get recorded(): boolean {
    return this.#public?.recorded ?? false;
  }

  /** Hands the link to the worker, which reads it once the server has said which meeting this is. */
  read(): void {
    if (!('RTCRtpScriptTransform' in globalThis)) return this.#stop({ what: 'browser' });
    this.#apply({ type: 'retry' });
    const sealed = stored('room', this.meeting);
    if (this.#fragment === '' && !sealed) return this.#stop({ what: 'no-fragment' });
    this.#startWorker();
    this.#say({ type: 'open', meeting: this.meeting, fragment: this.#fragment, sealed });
  }

  async #opened({ is, name, returning }: Extract<FromMember, { type: 'opened' }>): Promise<void> {
    this.name = name;
    this.returning = returning;
    // The worker has it. From here on a photograph of the screen does not carry the secret.
    if (this.#fragment !== '') history.replaceState(null, '', location.pathname);
    this.#fragment = '';
    if (is === 'elsewhere') return this.#stop({ what: 'other-tab' });
    if (is === 'no-link') return this.#stop({ what: 'no-fragment' });
    const path = `/api/meetings/${encodeURIComponent(this.meeting)}`;
    const answer = await ask(path, async (response) => publicMeeting(await response.json()));
    if (!answer.ok) return this.#stop({ what: answer.fault === 'refused' ? 'unknown-meeting' : 'unreachable' });
    this.#public = answer.value;
    this.#say({ type: 'read', charter: answer.value.charter });
  }

  #read(message: Extract<FromMember, { type: 'read' }>): void {
    const { link } = message;
    if (message.taken) return this.#stop({ what: 'other-tab' });
    if (!this.returning) {
      const claimed = this.#public?.state.delegations[link.delegation]?.key;
      if (link.kind === 'delegation' && claimed) {
        const obstacle = { what: 'taken', delegation: link.delegation } as const;
        return this.#apply({ type: 'obstacle', obstacle, charter: message.charter });
      }
      if (link.kind === 'letter' && link.not_after_ms < Date.now()) {
        return this.#stop({ what: 'expired', at_ms: link.not_after_ms });
      }
    }
    if (link.kind === 'letter') {
      this.name = link.name;
      // ISO 20109: nothing is to work on the sound of a booth.
      if (link.role === 'interpreter') {
        this.devices.microphoneChoice = { ...this.devices.microphoneChoice, plain: true };
      }
    }
    this.#apply(message);
    // Once what there is to read is shown.
    setTimeout(() => this.#prepare());
  }

  /** The connection is made while the person reads. Nothing is sent before they join. */
  #prepare(): void {
    this.#link ??= new MediaLink(this.#startWorker(), 'member', {
      state: (state) => this.#apply({ type: 'link', state }),
      slots: (slots) => {
        this.slots = slots;
        this.#heights.clear();
        this.#apply({ type: 'slots' });
      },
    });
    this.#link.prepare();
  }

  /** Shows a screen or a window, as the person chooses in the browser's own question. */
  async share(): Promise<void> {
    const before = this.state.view?.lamp;
    const track = await captureScreen();
    if (!track) return;
    if (this.state.stage !== 'room' || this.state.alarm) return track.stop();
    this.unshare();
    // It was chosen for those who saw then.
    if (this.state.view?.lamp === 'open' && before !== 'open') {
      track.stop();
      this.unshared = true;
      return;
    }
    this.unshared = false;
    this.command({ type: 'show' });
    this.screen = track;
    track.addEventListener('ended', () => {
      if (this.screen === track) this.unshare();
    });
    this.#sendTracks();
  }

  unshare(): void {
    this.screen?.stop();
    this.screen = null;
    this.#sendTracks();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.#turnMicrophone();
  }

  cough(on: boolean): void {
    if (on === this.coughing) return;
    this.coughing = on;
    this.#turnMicrophone();
  }

  /** Speaks to the own delegation alone, or no longer. */
  whisper(on: boolean): void {
    if (on === this.whispers || (on && this.devices.microphone.state !== 'live')) return;
    this.whispers = on;
    // Who had the microphone off has it off again before anything else can be heard from it.
    this.#turnMicrophone();
    this.command({ type: 'whisper', on });
  }

  /** Listens to a language, or to the floor. */
  listen(channel: Channel): void {
    this.command({ type: 'listen', channel });
    this.#remember(channel);
  }

  lay(beneath: number): void {
    this.beneath = beneath;
    this.#remember(this.state.view?.booths.listens ?? null);
  }

  #remember(channel: Channel): void {
    const language = channel === null ? null : (this.state.charter?.languages[channel] ?? null);
    remember(this.meeting, { language, beneath: this.beneath });
  }

  /** What interpreters hear they choose at their desk, each time. */
  #recall({ booths, lamp }: MemberView): void {
    if (this.#recalled || booths.channels.length === 0 || booths.may || lamp === 'waiting') return;
    this.#recalled = true;
    const { language, beneath } = recall(this.meeting);
    this.beneath = beneath;
    const channel = booths.channels.findIndex((it) => it.language === language);
    if (channel >= 0 && booths.listens === null) this.command({ type: 'listen', channel });
  }

  #speaks(): boolean {
    // Once the worker knows that it is not for the room.
    const aside = this.whispers && this.state.view !== null && this.state.view.whisper !== 'off';
    return aside || (!this.muted && !this.coughing);
  }

  #turnMicrophone(): void {
    const { microphone } = this.devices;
    if (microphone.state === 'live') microphone.track.enabled = this.#speaks();
  }

  join(): void {
    this.#apply({ type: 'joined' });
    this.#unreturn = whenItMayCome(() => {
      if (this.state.stage === 'room') this.devices.again();
    });
    this.#prepare();
    this.#unwatch = watch({
      senders: () => this.#link?.connection?.senders ?? [],
      tallies: () => this.#count(),
      alarm: (what) => this.#alarm(what),
    });
    this.#sleep = stayAwake(thisScreen());
    this.#say({ type: 'join', name: this.name.trim() });
  }

  command(command: Command): void {
    this.#apply({ type: 'heeded' });
    this.#say({ type: 'command', command });
  }

  /** What is being typed, for all who are in this part to see; empty: nothing. Of each letter nothing else follows. */
  type(part: number, text: string): void {
    this.#say({ type: 'command', command: { type: 'typed', part, text } });
  }

  /** Offers files to the others. */
  offer(files: readonly File[]): void {
    for (const file of files) this.#say({ type: 'offer', key: `file ${(this.#question += 1)}`, file });
  }

  fetch(document: string): void {
    this.#say({ type: 'fetch', id: document });
  }

  withdraw(document: string): void {
    this.#say({ type: 'withdraw', id: document });
  }

  /** That a file did not get there has been seen. */
  dismiss(key: string): void {
    this.#apply({ type: 'dismiss', key });
  }

  /** What the browser counts of the sound that is sent. */
  async sent(): Promise<RTCStatsReport | undefined> {
    return this.#link?.connection?.senders[0]?.sender.getStats();
  }

  /** How high a slot's picture is shown, in pixels of the screen; nothing: it is not shown just now. */
  shown(slot: number, height: number | undefined): void {
    this.#heights.shown(slot, height);
  }

  /** Whose pictures are to come, whoever else speaks. */
  pin(leaves: readonly number[]): void {
    this.#pins = leaves;
    this.#watch();
  }

  #watch(): void {
    const pictures = this.slots.filter(({ kind }) => kind === 'video').map(({ id }) => id);
    const pinned = pinsOf(pictures, this.state.occupants, this.#pins);
    const slots = this.slots.flatMap(({ id, mid }) => {
      const [name, leaf] = [mid(), pinned.get(id) ?? null];
      // Who is pinned comes before anybody knows how large.
      const height = this.#heights.of(id) ?? (leaf === null ? undefined : PINNED_HEIGHT);
      return name === null || height === undefined ? [] : [{ mid: name, height, leaf }];
    });
    this.#first = firstToHear(this.state.view, AUDIO_SLOTS);
    this.#say({ type: 'command', command: { type: 'watch', slots, first: this.#first } });
  }

  leave(): void {
    this.command({ type: 'leave' });
    this.#end();
    this.#apply({ type: 'left' });
  }

  /** After having left, as long as the page was not closed: nothing of the device is kept anywhere else. */
  comeBack(): void {
    this.returning = true;
    const charter = this.#public?.charter;
    if (charter !== undefined) this.#say({ type: 'read', charter });
  }

  /** The secret of the delegation's desk, when the person asks for it and this device holds the delegation's key. */
  desk(): Promise<string | null> {
    return new Promise((resolve) => {
      this.#askedForDesk.push(resolve);
      this.#say({ type: 'desk' });
    });
  }

  /** I see to the help that a booth has called for. */
  answer(booth: number): void {
    this.command({ type: 'answer', booth });
    this.#apply({ type: 'helped' });
  }

  heedWish(): void {
    this.#apply({ type: 'wish', wish: null });
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
      case 'opened':
        void this.#opened(message);
        return;
      case 'keep':
        return this.#say(store('room', this.meeting, message));
      case 'unkept':
        this.keeps = false;
        return;
      case 'read':
        return this.#read(message);
      case 'unreadable':
        return this.#stop({ what: message.what, why: message.message });
      case 'desk':
        return this.#askedForDesk.shift()?.(message.fragment);
      case 'view': {
        const before = this.state.view;
        this.#apply(message);
        if (message.view.lamp !== 'open') this.unshared = false;
        // What was shown behind closed doors is not shown to the public because the doors open.
        if (this.screen && before?.lamp !== message.view.lamp && message.view.lamp === 'open') this.#unshareAtOpening();
        for (const news of newsOf(before, message.view)) this.#told(news);
        if (before && before.whisper !== 'off' && message.view.whisper === 'off') this.whispers = false;
        this.#turnMicrophone();
        if (firstToHear(message.view, AUDIO_SLOTS) !== this.#first) this.#watch();
        this.#recall(message.view);
        if (message.view.lamp === 'adjourned') this.#end();
        return;
      }
      case 'chat':
        this.#apply(message);
        if (!message.message.me && isRead(message.message, this.state.view)) {
          this.#told({ say: 'chat', message: message.message });
        }
        return;
      case 'document': {
        const known = this.state.documents.some(({ id }) => id === message.document.id);
        this.#apply(message);
        const { document } = message;
        if (!known && !document.me && document.state === 'offered') this.#told({ say: 'document', document });
        return;
      }
      case 'typed':
      case 'wish':
      case 'call':
      case 'transfer':
      case 'fetched':
        return this.#apply(message);
      case 'relay':
        return this.#link?.relay(message.relay);
      case 'media':
        return this.#link?.admit(message.ticket, message.fresh);
      case 'keyed':
        this.#keyed = true;
        return this.#sendTracks();
      case 'attached':
        return this.#link?.attached(message.id);
      case 'layers':
        return this.#link?.layers(message.wanted);
      case 'fatal':
        this.#end();
        return this.#stop({ what: 'fatal', code: message.code, why: message.message });
      case 'broke':
        return this.#apply({ type: 'alarm', alarm: { what: 'broke', why: message.why } });
      case 'refused':
        if (this.state.view?.whisper === 'off') this.whispers = false;
        return this.#apply(message);
      case 'occupied': {
        const { occupant } = message;
        const news = begins(this.state.occupants[occupant.id], occupant);
        this.#apply(message);
        const member = news ? whisperers(this.state.view, this.state.occupants).get(occupant.id) : undefined;
        if (member) this.#told({ say: 'whispers', member });
        return;
      }
      case 'socket':
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
    this.#turnMicrophone();
    if (!this.#keyed) return;
    const { microphone, camera } = this.devices;
    this.#link?.send([
      microphone.state === 'live' ? microphone.track : null,
      camera.state === 'live' ? camera.track : null,
      this.screen,
    ]);
  }

  #unshareAtOpening(): void {
    this.unshare();
    this.unshared = true;
  }

  #alarm(what: Alarm): void {
    this.devices.turnOff('microphone');
    this.devices.turnOff('camera');
    this.unshare();
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

  #end(): void {
    this.#unreturn?.();
    this.#heights.end();
    this.#unwatch?.();
    this.#sleep?.();
    this.#keyed = false;
    this.devices.turnOff('microphone');
    this.devices.turnOff('camera');
    this.screen?.stop();
    this.screen = null;
    this.#link?.close();
    this.#link = undefined;
    this.slots = [];
  }

  #stop(obstacle: RoomState['obstacle'] & object): void {
    this.#apply({ type: 'obstacle', obstacle });
  }

  #say(message: ToMember): void {
    this.#worker?.postMessage(message);
  }

  #apply(event: RoomEvent): void {
    this.state = step(this.state, event, Date.now());
  }
}
