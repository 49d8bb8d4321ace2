/** The WebAssembly of `crates/markdown-wasm`, with types; loaded when the first text is to be shown. */

import init, { markdown as read } from '../wasm/markdown.js';
import { type Decoder, list, nullable, parse, shape, text } from '../base/decode';

/** A piece of a text as the public will see it. */
export type Piece = string | { tag: string; href: string | null; children: Piece[] };

const piece: Decoder<Piece> = (value) =>
  typeof value === 'string' ? value : shape({ tag: text, href: nullable(text), children: list(piece) })(value);

/** The tree of a Markdown text: the same that the server writes into the public page. */
export async function markdown(source: string): Promise<Piece[]> {
  await init();
  return parse(read(source), list(piece));
}
