/** The media connection of a page to the server: made with a ticket, made anew whenever it is lost. */

import { backoffMs } from '../base/backoff';
import { ask } from '../base/http';
import type { Relay } from '../protocol/Relay';
import { offerOf, openConnection, type SealedConnection, sendLayers, type Slot } from './connection';
import {
  beforeAll,
  BLOCKED_MS,
  CONNECT_MS_MAX,
  type Course,
  type CourseEvent,
  type LinkState,
  PATIENCE_MS,
  step,
  waitMs,
} from './course';

export type { LinkState } from './course';

export interface LinkListener {
  state(state: LinkState): void;
  /** A new connection: its slots replace those of the one before. */
  slots(slots: readonly Slot[]): void;
}

/** Somebody who waits to be let in waits for the answer too; the house gives up after fifteen seconds. */
const ANSWER_MS_MAX = 20_000;

/** A connection that has been made and whose offer nobody has been given. */
interface Prepared {
  connection: SealedConnection;
  offer: Promise<string>;
}

export class MediaLink {
  readonly #worker: Worker;
  readonly #role: 'member' | 'viewer';
  readonly #listener: LinkListener;
  #current: SealedConnection | undefined;
  #prepared: Prepared | undefined;
  #ticket = '';
  #relay: Relay | null = null;
  #course: Course = beforeAll;
  /** Ends the question that is under way. */
  #asking: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Until the person is told that their network is in the way. */
  #overdue: ReturnType<typeof setTimeout> | undefined;
  /** The transforms that the worker has taken on. */
  readonly #attached = new Set<number>();
  #tracks: readonly (MediaStreamTrack | null)[] = [];
  #closed = false;

  constructor(worker: Worker, role: 'member' | 'viewer', listener: LinkListener) {
    this.#worker = worker;
    this.#role = role;
    this.#listener = listener;
    addEventListener('online', this.#backOnline);
  }

  get connection(): SealedConnection | undefined {
    return this.#current;
  }

  /** For connections made from now on. */
  relay(relay: Relay | null): void {
    this.#relay = relay;
    if (!this.#prepared) return;
    this.#prepared.connection.pc.close();
    this.#prepared = this.#make();
  }

  /**
   * Makes a connection while there is no ticket for it yet: with all its slots and transforms it takes a browser a tenth of
   * a second or two, for which nobody is to wait later. Nothing is sent to anybody.
   */
  prepare(): void {
    if (!this.#closed && !this.#current) this.#prepared ??= this.#make();
  }

  /** A ticket to connect with. `fresh`: the server knows nothing of the connection there was. */
  admit(ticket: string, fresh: boolean): void {
    const same = ticket === this.#ticket;
    this.#ticket = ticket;
    // An offer that is under way with this ticket, or was answered, takes its course. One with an older ticket went to
    // a socket that is gone, perhaps over a network that is gone.
    const underWay = this.#course.link === 'up' || (this.#current && (this.#course.answered || (same && this.#asking)));
    if (!fresh && underWay) return;
    void this.#connect();
  }

  /**
   * What is to be sent, by stream: microphone, camera, screen. To be called with tracks only once the worker is keyed.
   */
  send(tracks: readonly (MediaStreamTrack | null)[]): void {
    this.#tracks = tracks;
    this.#giveTracks();
  }

  /**
   * The worker has taken this transform on. No track comes before: what is encoded by then the browser drops, and the
   * watchdog could not tell it from what went out in clear.
   */
  attached(id: number): void {
    this.#attached.add(id);
    this.#giveTracks();
  }

  /** Which layers of the camera anybody is shown. A new connection begins with all of them. */
  layers(wanted: readonly boolean[]): void {
    const camera = this.#current?.senders[1];
    // A connection that was closed meanwhile refuses; its successor sends all layers until it is told otherwise.
    if (camera) sendLayers(camera.sender, wanted).catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    removeEventListener('online', this.#backOnline);
    clearTimeout(this.#timer);
    clearTimeout(this.#overdue);
    this.#asking?.abort();
    this.#current?.pc.close();
    this.#current = undefined;
    this.#prepared?.connection.pc.close();
    this.#prepared = undefined;
  }

  #make(): Prepared {
    const connection = openConnection(this.#worker, this.#role, this.#relay);
    const offer = offerOf(connection.pc);
    // It may be closed before anybody asks for its offer.
    offer.catch(() => undefined);
    return { connection, offer };
  }

  async #connect(): Promise<void> {
    if (this.#closed || this.#ticket === '') return;
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#current?.pc.close();
    const { connection, offer: offered } = this.#prepared ?? this.#make();
    this.#prepared = undefined;
    const { pc } = connection;
    this.#current = connection;
    this.#note({ type: 'begun' });
    this.#listener.slots(connection.slots);
    pc.addEventListener('connectionstatechange', () => this.#changed(connection));
    this.#giveTracks();

    let offer;
    try {
      offer = await offered;
    } catch (error) {
      // Closed meanwhile, by us.
      if (!this.#isCurrent(connection)) return;
      throw error;
    }
    if (!this.#isCurrent(connection)) return;
    const asking = new AbortController();
    this.#asking = asking;
    const answer = await ask('/api/media', (response) => response.text(), {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', authorization: `Bearer ${this.#ticket}` },
      body: offer,
      signal: AbortSignal.any([asking.signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    });
    if (!this.#isCurrent(connection)) return;
    this.#asking = undefined;
    // The ticket may have ended with a server that restarted; the next one comes over the socket.
    if (!answer.ok) {
      // Over for good: there is nothing left to connect to.
      if (answer.fault === 'refused' && answer.code === 'adjourned') return this.close();
      const full = answer.fault === 'refused' && answer.code === 'full';
      return this.#again({ type: full ? 'full' : 'unanswered' });
    }
    this.#note({ type: 'answered' });
    try {
      await pc.setRemoteDescription({ type: 'answer', sdp: answer.value });
    } catch {
      if (this.#isCurrent(connection)) this.#again({ type: 'unanswered' });
      return;
    }
    if (!this.#isCurrent(connection) || this.#course.link === 'up') return;
    // Browsers try for half a minute; the engine has forgotten the attempt long before.
    this.#timer = setTimeout(() => this.#again({ type: 'lost' }), CONNECT_MS_MAX);
  }

  #changed(connection: SealedConnection): void {
    if (!this.#isCurrent(connection)) return;
    switch (connection.pc.connectionState) {
      case 'connected':
        clearTimeout(this.#timer);
        return this.#note({ type: 'up' });
      case 'disconnected':
        this.#note({ type: 'lost' });
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => void this.#connect(), PATIENCE_MS);
        return;
      case 'failed':
        return this.#again({ type: 'lost' });
      default:
    }
  }

  #again(event: CourseEvent): void {
    this.#note(event);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), waitMs(this.#course, Math.random(), backoffMs));
  }

  readonly #backOnline = (): void => {
    if (this.#current && this.#course.link !== 'up') void this.#connect();
  };

  #note(event: CourseEvent): void {
    const before = this.#course;
    this.#course = step(before, event, performance.now());
    if (this.#course.link !== before.link) this.#listener.state(this.#course.link);
    if (this.#course.down_since_ms === null) {
      clearTimeout(this.#overdue);
      this.#overdue = undefined;
    } else if (event.type === 'answered' || before.down_since_ms === null) {
      this.#lookLater(this.#course.down_since_ms);
    }
  }

  #lookLater(since_ms: number): void {
    clearTimeout(this.#overdue);
    const left = Math.max(0, since_ms + BLOCKED_MS - performance.now());
    this.#overdue = setTimeout(() => this.#note({ type: 'waited', relayed: this.#relay !== null }), left);
  }

  #giveTracks(): void {
    this.#current?.senders.forEach(({ id, sender }, stream) => {
      const track = this.#tracks[stream] ?? null;
      if (sender.track === track || !this.#attached.has(id)) return;
      // A connection that was closed meanwhile refuses; its successor gets the track.
      sender.replaceTrack(track).catch(() => undefined);
    });
  }

  #isCurrent(connection: SealedConnection): boolean {
    return !this.#closed && this.#current === connection;
  }
}
