/** Documents in the member's worker: sealed here, sent to the house, fetched from it and opened here. The page gets no key. */

import { text, shape } from '../base/decode';
import { errorBody } from '../base/wire';
import type { FromMember, Transfer } from './messages';
import type { Member } from './seal';

/** As `crates/protocol` has it: bytes that are sealed together, and how long a document may be on its way. */
const CHUNK = 64 * 1024;
const WAIT_MS_MAX = 180_000;

const uploaded = shape<{ document: string }>({ document: text });

/** The house said no. */
class Refused extends Error {
  readonly code: string;
  constructor({ code, message }: { code: string; message: string }) {
    super(message);
    this.code = code;
  }
}

/** The house does not answer. */
const unreachable = { code: 'unavailable', message: '' };

interface Around {
  member: () => Member | undefined;
  /** One call to the member, and everything it then asks for. */
  step: (call: (member: Member, now_ms: number) => void) => void;
  say: (message: FromMember) => void;
}

export class Documents {
  readonly #around: Around;
  /** One after the other: a file of ten megabytes is in memory twice while it is sealed. */
  #last: Promise<void> = Promise.resolve();

  constructor(around: Around) {
    this.#around = around;
  }

  offer(key: string, file: File): void {
    const way = this.#begin(key, file.name);
    this.#last = this.#last.then(() => this.#offer(file, way)).catch((error: unknown) => way.fail(error));
  }

  fetch(id: string): void {
    const way = this.#begin(id, '');
    this.#fetch(id, way).catch((error: unknown) => way.fail(error));
  }

  /** Once the others have been told, the house need not keep it. */
  delete(id: string): void {
    const opening = this.#around.member()?.openDocument(id);
    if (!opening) return;
    void this.#delete(opening.id());
    opening.free();
  }

  async #offer(file: File, way: Way): Promise<void> {
    const sealing = this.#member().sealDocument(file.name, file.type, file.size);
    const sealed: Uint8Array<ArrayBuffer>[] = [];
    // Between two chunks the frames of the meeting have their turn.
    for (let from = 0; from === 0 || from < file.size; from += CHUNK) {
      const plain = new Uint8Array(await file.slice(from, from + CHUNK).arrayBuffer());
      sealed.push(sealing.chunk(plain));
    }
    const id = await post(this.#ticket(), new Blob(sealed), (done) => way.comes(done));
    let refused: unknown;
    this.#around.step((member, now) => {
      try {
        member.offerDocument(sealing, id, now);
      } catch (error) {
        refused = error;
      }
    });
    if (refused !== undefined) {
      void this.#delete(id);
      throw refused;
    }
    way.end();
  }

  async #fetch(id: string, way: Way): Promise<void> {
    const opening = this.#member().openDocument(id);
    try {
      const response = await ask('GET', opening.id(), this.#ticket());
      const opened: Uint8Array<ArrayBuffer>[] = [];
      const chunks = new Chunks();
      let got = 0;
      for await (const piece of pieces(response)) {
        chunks.push(piece);
        got += piece.length;
        for (let next = opening.nextBytes(); next > 0; next = opening.nextBytes()) {
          const sealed = chunks.take(next);
          if (!sealed) break;
          opened.push(opening.chunk(sealed));
        }
        // What comes beyond the end is none of it, and is not waited for.
        if (got > opening.sealedBytes()) break;
        way.comes(got / opening.sealedBytes());
      }
      // Throws unless all of it is what was offered.
      const picture = opening.end();
      way.end();
      this.#around.say({ type: 'fetched', id, picture, blob: new Blob(opened, { type: picture ?? 'application/octet-stream' }) });
    } finally {
      opening.free();
    }
  }

  async #delete(id: string): Promise<void> {
    // Where it does not come through, the house deletes it at the adjournment.
    await ask('DELETE', id, this.#ticket()).catch(() => undefined);
  }

  #member(): Member {
    const member = this.#around.member();
    if (!member) throw new Refused({ code: 'not_a_member', message: '' });
    return member;
  }

  #ticket(): string {
    return this.#around.member()?.ticket() ?? '';
  }

  #begin(key: string, file: string): Way {
    return new Way((transfer) => this.#around.say({ type: 'transfer', transfer: { key, file, ...transfer } }));
  }
}

/** How far a document has come, said no more often than anybody sees. */
class Way {
  readonly #say: (transfer: Pick<Transfer, 'step' | 'done' | 'code' | 'why'>) => void;
  #said = -1;

  constructor(say: (transfer: Pick<Transfer, 'step' | 'done' | 'code' | 'why'>) => void) {
    this.#say = say;
    this.comes(0);
  }
  comes(part: number): void {
    const done = Math.floor(part * 20) / 20;
    if (done === this.#said) return;
    this.#said = done;
    this.#say({ step: 'under way', done, code: '', why: '' });
  }
  end(): void {
    this.#say({ step: 'done', done: 1, code: '', why: '' });
  }
  fail(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#say({ step: 'failed', done: 0, code: error instanceof Refused ? error.code : '', why });
  }
}

/** Bytes as they come from the network, cut where the document is. */
class Chunks {
  #waiting: Uint8Array[] = [];
  #bytes = 0;

  push(piece: Uint8Array): void {
    this.#waiting.push(piece);
    this.#bytes += piece.length;
  }

  take(bytes: number): Uint8Array | undefined {
    if (this.#bytes < bytes) return undefined;
    const taken = new Uint8Array(bytes);
    let filled = 0;
    while (filled < bytes) {
      const piece = this.#waiting.shift();
      if (!piece) return undefined;
      const part = piece.subarray(0, bytes - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length < piece.length) this.#waiting.unshift(piece.subarray(part.length));
    }
    this.#bytes -= bytes;
    return taken;
  }
}

async function* pieces(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

async function ask(method: 'GET' | 'DELETE', id: string, ticket: string): Promise<Response> {
  const init = { method, cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(WAIT_MS_MAX) } as const;
  const asked = fetch(`/api/documents/${id}`, { ...init, headers: { authorization: `Bearer ${ticket}` } });
  const response = await asked.catch(() => {
    throw new Refused(unreachable);
  });
  if (!response.ok) throw new Refused(refusalIn(await response.text()));
  return response;
}

/** With `XMLHttpRequest`, which says how much has been sent. */
function post(ticket: string, sealed: Blob, progress: (done: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const unanswered = (): void => reject(new Refused(unreachable));
    request.open('POST', '/api/documents');
    request.timeout = WAIT_MS_MAX;
    request.setRequestHeader('authorization', `Bearer ${ticket}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
    request.onerror = unanswered;
    request.ontimeout = unanswered;
    request.onload = () => {
      try {
        if (request.status !== 201) throw new Refused(refusalIn(request.responseText));
        resolve(uploaded(JSON.parse(request.responseText)).document);
      } catch (error) {
        reject(error instanceof Error ? error : new Refused(unreachable));
      }
    };
    request.send(sealed);
  });
}

function refusalIn(body: string): { code: string; message: string } {
  try {
    return errorBody(JSON.parse(body));
  } catch {
    return unreachable;
  }
}
