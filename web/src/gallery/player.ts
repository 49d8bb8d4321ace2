/** Picture and sound of the open parts: loaded only when somebody wants to watch. */

import type { Disclosure } from '../protocol/Disclosure';
import type { Relay } from '../protocol/Relay';
import { MediaLink, type LinkState } from '../media/link';
import type { Slot } from '../media/connection';
import type { Occupant } from '../worker/pump';
import type { FromGallery, ToGallery } from '../worker/messages';
import type { Shown } from '../worker/seal';

export interface PlayerListener {
  state(state: LinkState): void;
  slots(slots: readonly Slot[]): void;
  occupied(occupant: Occupant): void;
  shown(shown: readonly Shown[]): void;
}

export interface Followed {
  ticket: string;
  relay: Relay | null;
  generation: number;
  keys: readonly Disclosure[];
  signers: readonly string[];
}

export class Player {
  readonly #worker: Worker;
  readonly #link: MediaLink;
  #ready = false;
  #latest: Followed | undefined;
  #ticket = '';
  #generation = 0;
  #keys: readonly Disclosure[] = [];
  readonly #introduced = new Set<string>();

  constructor(listener: PlayerListener) {
    this.#worker = new Worker(new URL('../worker/gallery.worker.ts', import.meta.url), { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromGallery>) => {
      if (data.type === 'occupied') listener.occupied(data.occupant);
      if (data.type === 'shown') listener.shown(data.shown);
      if (data.type === 'ready') {
        this.#ready = true;
        if (this.#latest) this.follow(this.#latest);
      }
    });
    this.#link = new MediaLink(this.#worker, 'viewer', listener);
  }

  /** Follows what the server says: connects, takes new keys, forgets those of a part that is over. */
  follow(latest: Followed): void {
    this.#latest = latest;
    if (!this.#ready) return;
    const { ticket, generation, keys } = latest;
    if (keys !== this.#keys) {
      const known = new Set(this.#keys.map(({ kid }) => kid));
      const fresh = keys.filter(({ kid }) => !known.has(kid));
      if (keys.length === 0) this.#say({ type: 'forget' });
      if (fresh.length > 0) this.#say({ type: 'disclose', keys: fresh });
      this.#keys = keys;
    }
    for (const credential of latest.signers) {
      if (this.#introduced.has(credential)) continue;
      this.#introduced.add(credential);
      this.#say({ type: 'signer', credential });
    }
    this.#link.relay(latest.relay);
    if (ticket === this.#ticket && generation === this.#generation) return;
    this.#link.admit(ticket, generation !== this.#generation);
    this.#ticket = ticket;
    this.#generation = generation;
  }

  /** Before anything else: from which charter on signatures count. */
  trust(meeting: string, charter: string): void {
    this.#say({ type: 'trust', meeting, charter });
  }

  /** Which channel is listened to: its slot takes the sound of its interpreters and of nobody else. */
  listen(channel: number | null): void {
    this.#say({ type: 'listen', channel });
  }

  digest(digest: string): void {
    this.#say({ type: 'digest', digest });
  }

  close(): void {
    this.#link.close();
    this.#worker.terminate();
  }

  get connection(): RTCPeerConnection | undefined {
    return this.#link.connection?.pc;
  }

  #say(message: ToGallery): void {
    this.#worker.postMessage(message);
  }
}
