/** The desk behind the page: its worker and its state. The page only shows it and asks it. */

import { deskPath } from '../base/desk-path';
import { ask } from '../base/http';
import { boothPath, joinPath } from '../base/where';
import { publicMeeting } from '../base/wire';
import { store, stored } from '../keep/tab';
import type { DeskCommand } from '../protocol/DeskCommand';
import type { PublicMeeting } from '../protocol/PublicMeeting';
import type { Drafts, FromDesk, ToDesk } from '../worker/messages';
import type { Piece } from '../worker/markdown';
import { type DeskEvent, type DeskState, newsOf, type News, opening, step } from './state';

export class DeskRoom {
  readonly meeting: string;
  state: DeskState = $state.raw(opening);
  /** A reload finds this desk again. */
  keeps = $state(true);

  readonly #told: (news: News) => void;
  #fragment: string;
  #public: PublicMeeting | undefined;
  #worker: Worker | undefined;
  #questions = new Map<number, (fragment: string | null) => void>();
  #question = 0;

  constructor(meeting: string, fragment: string, told: (news: News) => void) {
    this.meeting = meeting;
    this.#fragment = fragment;
    this.#told = told;
  }

  open(): void {
    const sealed = stored('desk', this.meeting);
    if (this.#fragment === '' && !sealed) return this.#stop('no-fragment');
    const worker = new Worker(new URL('../worker/desk.worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<FromDesk>) => this.#take(data));
    worker.addEventListener('error', (event) =>
      this.#apply({ type: 'obstacle', obstacle: { what: 'program', why: event.message } }),
    );
    this.#worker = worker;
    this.#say({ type: 'open', meeting: this.meeting, fragment: this.#fragment, sealed });
  }

  /** Makes the delegation's key: once. */
  start(): void {
    this.#say({ type: 'start' });
  }

  command(command: DeskCommand): void {
    this.#apply({ type: 'asked', what: command.type });
    this.#say({ type: 'command', command });
  }

  /** Secret; for the moment in which the person wants it. */
  async ownLink(): Promise<string> {
    return location.origin + deskPath(this.meeting, await this.#linkOf(null));
  }

  async letterLink(id: string, role: string): Promise<string> {
    return this.letterAddress(role, await this.#linkOf(id));
  }

  /** Where a letter of this role is used. */
  letterAddress(role: string, fragment: string): string {
    return location.origin + (role === 'interpreter' ? boothPath : joinPath)(this.meeting, fragment);
  }

  /** What was being written before a reload, once it is known. */
  drafts: Drafts | null = $state.raw(null);
  #previews = new Map<number, (pieces: Piece[]) => void>();

  /** Keeps what is being written. */
  draft(drafts: Drafts): void {
    this.#say({ type: 'draft', drafts });
  }

  /** How the public would see this. */
  preview(source: string): Promise<Piece[]> {
    const question = (this.#question += 1);
    return new Promise((resolve) => {
      this.#previews.set(question, resolve);
      this.#say({ type: 'preview', source, question });
    });
  }

  async #linkOf(of: string | null): Promise<string> {
    const question = (this.#question += 1);
    const fragment = await new Promise<string | null>((resolve) => {
      this.#questions.set(question, resolve);
      this.#say({ type: 'link', of, question });
    });
    if (fragment === null) throw new Error('there is no such link here');
    return fragment;
  }

  async #opened(is: 'linked' | 'no-link' | 'elsewhere'): Promise<void> {
    // The worker has it. From here on a photograph of the screen does not carry the secret.
    if (this.#fragment !== '') history.replaceState(null, '', location.pathname);
    this.#fragment = '';
    if (is === 'elsewhere') return this.#stop('other-tab');
    if (is === 'no-link') return this.#stop('no-fragment');
    const path = `/api/meetings/${encodeURIComponent(this.meeting)}`;
    const answer = await ask(path, async (response) => publicMeeting(await response.json()));
    if (!answer.ok) return this.#stop(answer.fault === 'refused' ? 'unknown-meeting' : 'unreachable');
    this.#public = answer.value;
    this.#say({ type: 'read', charter: answer.value.charter });
  }

  #take(message: FromDesk): void {
    switch (message.type) {
      case 'opened':
        void this.#opened(message.is);
        return;
      case 'keep':
        return this.#say(store('desk', this.meeting, message));
      case 'unkept':
        this.keeps = false;
        return;
      case 'read': {
        const { charter, link } = message;
        const known = this.#public?.state;
        const claimed = Boolean(known?.delegations[link.delegation]?.key);
        return this.#apply({ type: 'read', charter, link, claimed, adjourned: known?.phase === 'adjourned' });
      }
      case 'unreadable':
        return this.#apply({ type: 'obstacle', obstacle: { what: message.what, why: message.message } });
      case 'broke':
        return this.#apply({ type: 'obstacle', obstacle: { what: 'broke', why: message.why } });
      case 'view': {
        const before = this.state.view;
        this.#apply(message);
        for (const news of newsOf(before, message.view)) this.#told(news);
        return;
      }
      case 'link':
        this.#questions.get(message.question)?.(message.fragment);
        this.#questions.delete(message.question);
        return;
      case 'drafted':
        this.drafts = message.drafts;
        return;
      case 'previewed':
        this.#previews.get(message.question)?.(message.pieces);
        this.#previews.delete(message.question);
        return;
      case 'started':
      case 'socket':
      case 'minted':
      case 'refused':
      case 'fatal':
        return this.#apply(message);
      default:
        message satisfies never;
    }
  }

  #stop(what: 'no-fragment' | 'unknown-meeting' | 'unreachable' | 'other-tab'): void {
    this.#apply({ type: 'obstacle', obstacle: { what } });
  }

  #say(message: ToDesk): void {
    this.#worker?.postMessage(message);
  }

  #apply(event: DeskEvent): void {
    this.state = step(this.state, event);
  }
}
