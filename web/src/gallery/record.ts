/** Checks the record of a meeting in the reader's own browser, when they ask for it; and its recordings, if they ask for that. */

import load from 'words:common,findings,record';
import { t } from '../strings/record';
import type { FromVerifier, ToVerifier } from '../worker/messages';
import { h } from './dom';
import { english } from './findings';
import { hear } from './hear';
import { size } from '../base/format';
import { bytesOf, read, type Report, wordsOf } from './report';

/** Puts the button where the server has left a place for it. */
export async function offerCheck(meeting: string, place: Element): Promise<void> {
  await hear(load);
  const button = h('button', t('check-record'));
  const found = h('div');
  found.setAttribute('role', 'status');
  // Beside what is read aloud: it changes many times a second.
  const going = h('div');
  button.addEventListener('click', () => start(false));
  place.append(h('p', button), found, going);

  function start(recordings: boolean): void {
    button.setAttribute('disabled', '');
    const check = new Check({ meeting, recordings }, found, going);
    void check.end.then((report) => {
      going.replaceChildren();
      button.textContent = t('check-again');
      button.removeAttribute('disabled');
      if (report !== null) offerRecordings(report, recordings);
      if (recordings) button.focus();
    });
  }

  function offerRecordings(report: Report, looked: boolean): void {
    const bytes = bytesOf(report);
    if (looked || bytes === 0) return;
    const more = h('button', t('check-recordings', { size: size(bytes) }));
    more.dataset['do'] = 'check-recordings';
    more.addEventListener('click', () => start(true));
    going.replaceChildren(h('p', more));
  }
}

const address = (): string => `${location.origin}${location.pathname}`;

/** One check, in a worker of its own that ends with it. */
class Check {
  /** What was found, once that is said; null if nothing could be, or somebody has stopped it. */
  readonly end: Promise<Report | null>;
  private ended: (report: Report | null) => void = () => undefined;
  private readonly worker = new Worker(new URL('../worker/verify.worker.ts', import.meta.url), { type: 'module' });
  private progress: { bar: HTMLProgressElement; words: HTMLElement } | null = null;

  constructor(
    private readonly ask: ToVerifier,
    private readonly found: HTMLElement,
    private readonly going: HTMLElement,
  ) {
    this.end = new Promise((resolve) => (this.ended = resolve));
    this.going.replaceChildren();
    this.worker.addEventListener('error', () => this.failed('worker'));
    this.worker.addEventListener('message', ({ data }: MessageEvent<FromVerifier>) => this.take(data));
    this.worker.postMessage(ask);
  }

  private take(data: FromVerifier): void {
    if (data.type === 'fetched') this.say(h('p.quiet', t('checking', { files: data.files })));
    else if (data.type === 'came') this.came(data.done, data.all);
    else if (data.type === 'failed') this.failed(data.why);
    else {
      const report = read(data.report);
      this.say(...wordsOf(report, address(), this.ask.recordings));
      this.finish(report);
    }
  }

  private came(done: number, all: number): void {
    this.progress ??= this.begin();
    const { bar, words } = this.progress;
    bar.max = all;
    bar.value = Math.min(done, all);
    words.textContent = t('checked-bytes', { done: size(bar.value), all: size(all) });
  }

  private begin(): { bar: HTMLProgressElement; words: HTMLElement } {
    this.say(h('p', t('checking-recordings')));
    const bar = document.createElement('progress');
    bar.setAttribute('aria-label', t('checking-recordings'));
    const words = h('span');
    const stop = h('button', t('stop-check'));
    stop.dataset['do'] = 'stop-check';
    stop.addEventListener('click', () => {
      this.say(h('p', t('check-stopped')));
      this.finish(null);
    });
    this.going.replaceChildren(h('p', bar, ' ', words), h('p', stop));
    stop.focus();
    return { bar, words };
  }

  private failed(why: string): void {
    this.say(h('p', t('record-unreachable')), english('p', why));
    this.finish(null);
  }

  private finish(report: Report | null): void {
    this.worker.terminate();
    this.ended(report);
  }

  private say(...words: HTMLElement[]): void {
    this.found.replaceChildren(...words);
  }
}
