// What members write to one another, docs/protocol.md §11d, as far as this member knows it: texts, documents (§11h), and lines
// that are being typed (§11i).

import { createDecipheriv, createHash } from 'node:crypto';
import { equal, isName, Malformed, Reader, Writer } from './codec.mjs';

const TEXT_MAX_BYTES = 4000;
const LINE_MAX_BYTES = 500;
const DOCUMENT_MAX_BYTES = 10 * 1024 * 1024;
const CHUNK_BYTES = 65_536;
const TAG_BYTES = 16;
const FILE_KIND_MAX = 12;
// §11b: control characters but line feed and tab, and what overrides a direction.
const NO_PROSE = /[\p{Cc}\u202A-\u202E\u2066-\u2069\uFEFF]/u;

/** The line as it stands: one line, at most so long, of a longer one the end. */
function readTyped(from) {
  const typed = { part: from.u32(), text: from.text() };
  if (Buffer.byteLength(typed.text) > LINE_MAX_BYTES) throw new Malformed('line too long');
  return typed;
}

function readProse(from) {
  const bytes = from.vector();
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  if (bytes.length > TEXT_MAX_BYTES || text.trim() === '' || NO_PROSE.test(text.replaceAll(/[\n\t]/g, ''))) throw new Malformed('text');
  return text;
}

function readPaper(from) {
  const what = from.u8();
  if (what === 2) return { what: 'taken back', id: from.fixed(16) };
  if (what !== 1) throw new Malformed('of documents');
  const offer = {
    what: 'offered', id: from.fixed(16), part: from.u32(), key: from.fixed(32), sealedHash: from.fixed(32), size: from.u32(),
    name: from.text(), kind: from.u8(),
  };
  if (offer.size > DOCUMENT_MAX_BYTES || offer.kind > FILE_KIND_MAX) throw new Malformed('size or kind of a document');
  if (!isName(offer.name) || /[/\\]/.test(offer.name)) throw new Malformed('name of a document');
  return offer;
}

const READERS = { 1: readProse, 10: readPaper, 11: readTyped };

/** A `TableMessage`; `body` is null where this member knows nothing of its kind, or it does not hold: it has come all the same. */
export function readTable(bytes) {
  const from = new Reader(bytes);
  const message = { number: from.u32(), id: from.fixed(16), kind: from.u8(), body: null };
  try {
    const body = READERS[message.kind]?.(from);
    if (from.empty) message.body = body ?? null;
  } catch (error) {
    if (!(error instanceof Malformed || error instanceof TypeError)) throw error;
  }
  return message;
}

export const textMessage = (number, id, text) => new Writer().u32(number).fixed(16, id).u8(1).vector(Buffer.from(text)).done();
export const typedMessage = (number, id, { part, text }) => new Writer().u32(number).fixed(16, id).u8(11).u32(part).text(text).done();

/** The file of an offer, from what lies at the house. */
export function openDocument(offer, sealed) {
  if (!equal(createHash('sha256').update(sealed).digest(), offer.sealedHash)) throw new Malformed('not what was offered');
  const plain = [];
  for (let number = 0, at = 0; at < sealed.length; number += 1, at += CHUNK_BYTES + TAG_BYTES) {
    const chunk = sealed.subarray(at, at + CHUNK_BYTES + TAG_BYTES);
    const last = at + chunk.length === sealed.length;
    const nonce = new Writer().raw(Buffer.alloc(7)).u32(number).u8(last ? 1 : 0).done();
    const opening = createDecipheriv('aes-256-gcm', offer.key, nonce);
    opening.setAuthTag(chunk.subarray(-TAG_BYTES));
    plain.push(opening.update(chunk.subarray(0, -TAG_BYTES)), opening.final());
  }
  const file = Buffer.concat(plain);
  if (file.length !== offer.size) throw new Malformed('size of a document');
  return file;
}
