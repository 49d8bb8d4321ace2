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

/** RFC 6455 §7.4.1: the server goes away, and has said so. */
const GOING_AWAY = 1_001;

export class LastingSocket {
  readonly #url: string;
  readonly #listener: SocketListener;
  #socket: WebSocket | undefined;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
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
    this.#socket?.close();
  }

  stop(): void {
    this.#stopped = true;
    removeEventListener('online', this.#retryNow);
    clearTimeout(this.#timer);
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
      this.#listener.up();
    });
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (!this.#isCurrent(socket) || typeof event.data !== 'string') return;
      // Only a server that speaks counts as reached: a proxy may accept the connection and drop it at once.
      this.#attempt = 0;
      this.#listener.text(event.data);
    });
    socket.addEventListener('close', ({ code }) => {
      clearTimeout(overdue);
      if (!this.#isCurrent(socket)) return;
      this.#socket = undefined;
      this.#comeAgain(code);
    });
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
