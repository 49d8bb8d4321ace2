/** A delegation's desk: the WebAssembly of `crates/seal-wasm`, with types. */

import * as wasm from '../wasm/seal.js';
import { type Decoder, flag, list, nullable, number, parse, shape, tagged, text } from '../base/decode';
import { publicState } from '../base/wire';
import type { DeskMessage } from '../protocol/DeskMessage';
import type { DeskText } from '../protocol/DeskText';
import type { DeskView } from '../protocol/DeskView';
import { waitingOf } from './seal';

/** Texts in several languages, and how a reload finds them again. */
export const texts: Decoder<DeskText[]> = list(shape<DeskText>({ language: text, markdown: text }));

const view: Decoder<DeskView> = shape<DeskView>({
  delegation: number,
  connected: flag,
  fingerprints: list(nullable(list(text))),
  letters: list(
    shape({
      id: text,
      name: text,
      role: text,
      ask: flag,
      not_after_ms: number,
      used: flag,
      present: flag,
      revoked: flag,
      fragment: nullable(text),
    }),
  ),
  waiting: list(waitingOf),
  readout: nullable(shape({ version: number, at_ms: number, texts })),
  joints: list(
    shape({ id: text, at_ms: number, version: number, texts, signers: list(number), signed_by: list(number), current: flag }),
  ),
  public: nullable(publicState),
});

/** What the desk asks of the worker around it. */
export type DeskAction =
  | { type: 'send'; message: DeskMessage }
  | { type: 'view'; view: DeskView }
  /** Something was refused, for the person to know. */
  | { type: 'notice'; message: string }
  | { type: 'fatal'; code: string; message: string };

/** Goes to the server as it is; our own WebAssembly made it. */
const ownMessage = (value: unknown): DeskMessage => value as DeskMessage;

const action: Decoder<DeskAction> = tagged<DeskAction>({
  send: shape({ message: ownMessage }),
  view: shape({ view }),
  notice: shape({ message: text }),
  fatal: shape({ code: text, message: text }),
});

/** The delegation's key, its letters, who waits. */
export class Desk {
  readonly #inner: wasm.Desk;

  /** With a delegation's link it makes the delegation's key. Throws, with a sentence, when the link is none for it. */
  constructor(meeting: string, charter: string, fragment: string, now_ms: number) {
    this.#inner = new wasm.Desk(meeting, charter, fragment, now_ms);
  }

  /** Secret: whoever holds it speaks for the delegation. */
  fragment(): string {
    return this.#inner.fragment();
  }
  disconnected(): void {
    this.#inner.disconnected();
  }
  receive(message: string): void {
    this.#inner.receive(message);
  }
  /** Throws, with a sentence, when it is refused. */
  command(json: string, now_ms: number): void {
    this.#inner.command(json, now_ms);
  }

  /** The next thing to do, until there is none. To be drained after every call. */
  poll(): DeskAction | undefined {
    const json = this.#inner.poll();
    return json === undefined ? undefined : parse(json, action);
  }
}
