/** Follows a meeting: puts what the server pushes in the place of what it wrote. */

import { parse } from '../base/decode';
import { askJson } from '../base/http';
import { LastingSocket, socketUrl } from '../base/lasting-socket';
import { galleryMessage, publicMeeting } from '../base/wire';
import { showOnTab } from '../lamp/lamp';
import type { PublicState } from '../protocol/PublicState';
import type { ViewerMessage } from '../protocol/ViewerMessage';
import { t } from '../strings/gallery';
import { drawing, h } from './dom';
import { countdown, lampOf, presentOf, wordsOf } from './now';
import { renew } from './renew';
import type { Watching } from './watch.svelte';
import { type GalleryEvent, type GalleryState, nothingYet, step } from './state';

/** Thousands who are told in the same moment that there is more to read do not all ask for it in that moment. */
const RENEWAL_MS = 2_000;

/** The places that the server has left for it. */
interface Places {
  band: Element;
  now: Element;
  stage: Element;
  present: Element;
}

export function follow(id: string, root: ParentNode): void {
  const [band, now, stage, present] = ['#band', '#now', '#stage', '#present'].map((it) => root.querySelector(it));
  if (band && now && stage && present) new Live(id, { band, now, stage, present }).open();
}

class Live {
  readonly #path: string;
  readonly #id: string;
  readonly #places: Places;
  #gallery: GalleryState = nothingYet;
  #shown: PublicState | null = null;
  #lost = false;
  #recorded = false;
  /** Shows picture and sound, once somebody wants to watch: later open parts start by themselves. */
  #player: Watching | null = null;
  #charter = '';
  #socket: LastingSocket | undefined;

  constructor(id: string, places: Places) {
    this.#id = id;
    this.#path = `/api/meetings/${encodeURIComponent(id)}`;
    this.#places = places;
  }

  open(): void {
    // Asked over HTTP first: a socket that is refused does not say why.
    void askJson(this.#path, publicMeeting).then((answer) => {
      if (answer.ok) {
        this.#charter = answer.value.charter;
        this.#take({ type: 'read', state: answer.value.state });
        // What another house has held is over, and nothing is pushed.
        if (answer.value.state.from_house) return;
      }
      this.#socket = new LastingSocket(socketUrl(`${this.#path}/gallery`, location), {
        up: () => undefined,
        text: (text) => {
          this.#lost = false;
          this.#take(parse(text, galleryMessage));
        },
        down: () => {
          this.#lost = true;
          this.#take({ type: 'down' });
        },
      });
    });
    setInterval(() => this.#count(), 1_000);
  }

  #take(event: GalleryEvent): void {
    if (event.type === 'digest') return this.#player?.digest(event.digest);
    this.#gallery = step(this.#gallery, event);
    const { meeting } = this.#gallery;
    const lost = document.querySelector('.lost');
    if (this.#lost && !lost) this.#places.band.append(h('p.lost', t('lost-socket')));
    if (!this.#lost) lost?.remove();
    if (!meeting) return;
    this.#player?.follow(this.#gallery);
    if (meeting === this.#shown) return;
    const before = this.#shown;
    this.#shown = meeting;
    this.#show(meeting);
    if (before && slowOf(before) !== slowOf(meeting)) this.#renew();
  }

  #show(meeting: PublicState): void {
    const { band, now, stage, present } = this.#places;
    put(band, [lampOf(meeting), ...band.querySelectorAll('.lost')]);
    put(now, wordsOf(meeting, Date.now()));
    put(present, presentOf(meeting));
    showOnTab(meeting.phase, t('tab', { word: t(`lamp-${meeting.phase}`), title: meeting.title }));
    if (meeting.phase === 'adjourned' && !this.#recorded && meeting.parts.some(({ open }) => open)) {
      this.#recorded = true;
      // Below what is read first, which must not move away under the reader.
      const behind = document.querySelector('#announcements') ?? stage;
      void import('./recorded').then(({ showRecordings }) => showRecordings(behind, meeting));
    }
    if (!this.#player) put(stage, meeting.phase === 'open' ? [this.#invitation()] : []);
  }

  #invitation(): HTMLElement {
    const button = h('button', drawing([{ d: 'M7 4v16l13-8z', line: false }]), t('watch'));
    button.addEventListener('click', () => {
      button.setAttribute('disabled', '');
      // Player and decryption come only now.
      void import('./watch.svelte').then(async ({ heard, watch }) => {
        await heard();
        put(this.#places.stage, []);
        this.#player = watch(this.#places.stage, this.#gallery, this.#charter, (listen) => this.#say(listen));
        this.#player.follow(this.#gallery);
      });
    });
    return h('div.start', button, h('p', t('watch-hint')));
  }

  #say(message: ViewerMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** What is slow to change the server writes: the agenda, the course, the readouts. */
  #renew(): void {
    setTimeout(() => {
      void renew('facts', 'readouts', 'announcements').then((done) => {
        if (done) void import('./check').then(({ checkSignatures }) => checkSignatures(this.#id));
      });
    }, Math.random() * RENEWAL_MS);
  }

  #count(): void {
    const timer = this.#places.now.querySelector<HTMLElement>('[data-starts]');
    if (timer) timer.textContent = countdown(Number(timer.dataset['starts']), Date.now());
  }
}

/** Puts elements in a place, unless the same stand there already: whoever reads there is not interrupted. */
function put(place: Element, elements: readonly Element[]): void {
  const same =
    place.children.length === elements.length &&
    elements.every((element, index) => place.children[index]?.isEqualNode(element));
  if (!same) place.replaceChildren(...elements);
}

const slowOf = ({ parts, phase, item, published, announcements }: PublicState): string =>
  [parts.length, phase, item, published, announcements.length].join();
