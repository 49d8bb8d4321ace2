/** A WebSocket that comes back: it never gives up until it is stopped. */

import { type Away, awayAfter, backoffMs, busyMs, restartMs } from './backoff';

export interface SocketListener {
  up(): void;
  text(text: string): void;
  /** The connection went, or could not be made. Called once for each attempt that fails. */
  down(away: Away): void;
}

/** An attempt that has not connected by then is given up and made anew. */
const CONNECT_MS_MAX = 10_000;

/** RFC 6455 §7.4.1: the server goes away, and has said so. */
const GOING_AWAY = 1_001;

/** How long the door may take to answer before the next attempt goes ahead without it. */
const DOOR_MS_MAX = 3_000;

async function atTheDoor(): Promise<{ away?: Away; seconds: number }> {
  try {
    const response = await fetch('/api/door', {
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(DOOR_MS_MAX),
    });
    const seconds = Number(response.headers.get('retry-after') ?? 0) || 0;
    if (response.status === 429) return { away: 'busy', seconds };
    // A proxy in front of a server that is down says the same without the server's own word for it.
    if (response.status === 503 && seconds > 0) return { away: 'restart', seconds };
  } catch {
    // It cannot be reached: that was said already.
  }
  return { seconds: 0 };
}

export class LastingSocket {
  readonly #url: string;
  readonly #listener: SocketListener;
  #socket: WebSocket | undefined;
  #attempt = 0;
  #away: Away = 'lost';
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
      this.#away = 'lost';
      this.#listener.text(event.data);
    });
    socket.addEventListener('close', ({ code }) => {
      clearTimeout(overdue);
      if (!this.#isCurrent(socket)) return;
      this.#socket = undefined;
      void this.#comeAgain(code);
    });
  }

  /** Says why it is away, as far as that can be known, and tries again after the time that fits. */
  async #comeAgain(code: number): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt += 1;
    this.#away = awayAfter(this.#away, { code, attempt });
    this.#listener.down(this.#away);
    let wait = code === GOING_AWAY ? restartMs(Math.random()) : backoffMs(attempt, Math.random());
    // Browsers do not say why a socket was refused; the door does.
    if (code !== GOING_AWAY && attempt > 0) {
      const answer = await atTheDoor();
      if (this.#stopped || this.#socket) return;
      if (answer.away) {
        this.#away = answer.away;
        this.#listener.down(this.#away);
        wait = Math.max(wait, busyMs(answer.seconds, Math.random()));
      }
    }
    if (this.#stopped) return;
    clearTimeout(this.#timer);
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
