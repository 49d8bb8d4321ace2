/** A WebSocket that comes back: it never gives up until it is stopped. */

import { backoffMs, type Drop, restartMs } from './backoff';

export interface SocketListener {
  up(): void;
  text(text: string): void;
  /** The connection went, or could not be made. Called once for each attempt that fails. */
  down(how: Drop): void;
}

/** An attempt that has not connected by then is given up and made anew. */
const CONNECT_MS_MAX = 10_000;

/**
 * The house says at least every ten seconds, by an empty text, that it is there. On a network that went away without a word
 * a browser waits for many minutes; after this long it is no longer waited for, and a new connection is made.
 */
export const SILENCE_MS_MAX = 22_000;

/** RFC 6455 §7.4.1: the server goes away, and has said so. */
const GOING_AWAY = 1_001;
/** … and what a connection that just ended would say. */
const ABNORMAL = 1_006;

export class LastingSocket {
  readonly #url: string;
  readonly #listener: SocketListener;
  #socket: WebSocket | undefined;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(url: string, listener: SocketListener) {
    this.#url = url;
    this.#listener = listener;
    addEventListener('online', this.#retryNow);
    this.#connect();
  }

  /** Sends if the connection is up; what is lost otherwise is said again by the protocol after it comes back. */
  send(text: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  /** Drops the connection and makes a new one. */
  again(): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.close();
    // On a network that is gone it would take its time to end.
    queueMicrotask(() => this.#ended(socket));
  }

  stop(): void {
    this.#stopped = true;
    removeEventListener('online', this.#retryNow);
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#socket?.close();
  }

  #connect(): void {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    const overdue = setTimeout(() => socket.close(), CONNECT_MS_MAX);
    socket.addEventListener('open', () => {
      clearTimeout(overdue);
      if (!this.#isCurrent(socket)) return;
      this.#heard();
      this.#listener.up();
    });
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (!this.#isCurrent(socket) || typeof event.data !== 'string') return;
      // Only a server that speaks counts as reached: a proxy may accept the connection and drop it at once.
      this.#attempt = 0;
      this.#heard();
      if (event.data !== '') this.#listener.text(event.data);
    });
    socket.addEventListener('close', ({ code }) => {
      clearTimeout(overdue);
      this.#ended(socket, code);
    });
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.again(), SILENCE_MS_MAX);
  }

  #ended(socket: WebSocket, code = ABNORMAL): void {
    if (!this.#isCurrent(socket)) return;
    this.#socket = undefined;
    clearTimeout(this.#silence);
    this.#comeAgain(code);
  }

  /** Says so, and tries again after the time that fits. */
  #comeAgain(code: number): void {
    const attempt = this.#attempt;
    this.#attempt += 1;
    this.#listener.down({ code, attempt });
    const wait = code === GOING_AWAY ? restartMs(Math.random()) : backoffMs(attempt, Math.random());
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  #isCurrent(socket: WebSocket): boolean {
    return !this.#stopped && this.#socket === socket;
  }

  readonly #retryNow = (): void => {
    if (this.#stopped || this.#socket) return;
    this.#attempt = 0;
    this.#connect();
  };
}

/** The address of a socket of this server. */
export function socketUrl(path: string, location: { protocol: string; host: string }): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;
}
