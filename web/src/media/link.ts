/** The media connection of a page to the server: made with a ticket, made anew whenever it is lost. */

import { backoffMs } from '../base/backoff';
import { ask } from '../base/http';
import { completeOffer, openConnection, type SealedConnection, sendLayers, type Slot } from './connection';

export type LinkState = 'none' | 'connecting' | 'up' | 'lost';

export interface LinkListener {
  state(state: LinkState): void;
  /** A new connection: its slots replace those of the one before. */
  slots(slots: readonly Slot[]): void;
}

/** ICE goes to `disconnected` for a second whenever a train enters a tunnel; after this long it is made anew. */
const PATIENCE_MS = 5_000;

export class MediaLink {
  readonly #worker: Worker;
  readonly #role: 'member' | 'viewer';
  readonly #listener: LinkListener;
  #current: SealedConnection | undefined;
  #ticket = '';
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tracks: readonly [MediaStreamTrack | null, MediaStreamTrack | null] = [null, null];
  #closed = false;

  constructor(worker: Worker, role: 'member' | 'viewer', listener: LinkListener) {
    this.#worker = worker;
    this.#role = role;
    this.#listener = listener;
  }

  get connection(): SealedConnection | undefined {
    return this.#current;
  }

  /** A ticket to connect with. `fresh`: the server knows nothing of the connection there was. */
  admit(ticket: string, fresh: boolean): void {
    this.#ticket = ticket;
    const state = this.#current?.pc.connectionState;
    if (!fresh && (state === 'connected' || state === 'connecting')) return;
    this.#attempt = 0;
    void this.#connect();
  }

  /**
   * What is to be sent: microphone and camera. To be called with tracks only once the worker is keyed.
   */
  send(microphone: MediaStreamTrack | null, camera: MediaStreamTrack | null): void {
    this.#tracks = [microphone, camera];
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
    clearTimeout(this.#timer);
    this.#current?.pc.close();
    this.#current = undefined;
  }

  async #connect(): Promise<void> {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#current?.pc.close();
    const connection = openConnection(this.#worker, this.#role);
    const { pc } = connection;
    this.#current = connection;
    this.#listener.state('connecting');
    this.#listener.slots(connection.slots);
    pc.addEventListener('connectionstatechange', () => this.#changed(connection));
    this.#giveTracks();

    const offer = await completeOffer(pc);
    if (!this.#isCurrent(connection)) return;
    const answer = await ask('/api/media', (response) => response.text(), {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', authorization: `Bearer ${this.#ticket}` },
      body: offer,
    });
    if (!this.#isCurrent(connection)) return;
    if (!answer.ok) return this.#retry();
    try {
      await pc.setRemoteDescription({ type: 'answer', sdp: answer.value });
    } catch {
      this.#retry();
    }
  }

  #changed(connection: SealedConnection): void {
    if (!this.#isCurrent(connection)) return;
    switch (connection.pc.connectionState) {
      case 'connected':
        this.#attempt = 0;
        clearTimeout(this.#timer);
        this.#listener.state('up');
        return;
      case 'disconnected':
        this.#listener.state('lost');
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => void this.#connect(), PATIENCE_MS);
        return;
      case 'failed':
        this.#retry();
        return;
      default:
    }
  }

  /** The ticket may have ended with a server that restarted; the next one comes over the socket. */
  #retry(): void {
    this.#listener.state('lost');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), backoffMs(this.#attempt, Math.random()));
    this.#attempt += 1;
  }

  #giveTracks(): void {
    this.#current?.senders.forEach(({ sender }, stream) => {
      const track = this.#tracks[stream] ?? null;
      if (sender.track === track) return;
      // A connection that was closed meanwhile refuses; its successor gets the track.
      sender.replaceTrack(track).catch(() => undefined);
    });
  }

  #isCurrent(connection: SealedConnection): boolean {
    return !this.#closed && this.#current === connection;
  }
}
