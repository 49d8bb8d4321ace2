// The TLS presentation language of docs/protocol.md §1: fixed numbers big-endian, vectors with the variable-size length
// of RFC 9420 §2.1.2, and nothing left over.

export class Malformed extends Error {}

const LENGTH_MAX_BYTES = 2 ** 30 - 1; // What four bytes of RFC 9420 §2.1.2 can say.

export class Writer {
  #parts = [];
  uint(size, value) {
    const bytes = Buffer.alloc(size);
    let rest = BigInt(value);
    if (rest < 0n || rest >> BigInt(8 * size) !== 0n) throw new Malformed(`${value} does not fit ${size} bytes`);
    for (let at = size - 1; at >= 0; at -= 1, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
    this.#parts.push(bytes);
    return this;
  }
  u8(value) { return this.uint(1, value); }
  u16(value) { return this.uint(2, value); }
  u32(value) { return this.uint(4, value); }
  u64(value) { return this.uint(8, value); }
  fixed(size, bytes) {
    if (bytes.length !== size) throw new Malformed(`${bytes.length} bytes where ${size} belong`);
    return this.raw(bytes);
  }
  raw(bytes) { this.#parts.push(Buffer.from(bytes)); return this; }
  vector(bytes) {
    const size = bytes.length;
    if (size < 64) this.u8(size);
    else if (size < 16384) this.u16(0x4000 | size);
    else if (size <= LENGTH_MAX_BYTES) this.u32(0x80000000 + size);
    else throw new Malformed('vector too long');
    return this.raw(bytes);
  }
  text(value) { return this.vector(checkText(value)); }
  list(items, write) {
    const inner = new Writer();
    for (const item of items) write(inner, item);
    return this.vector(inner.done());
  }
  done() { return Buffer.concat(this.#parts); }
}

export class Reader {
  #bytes;
  #at = 0;
  constructor(bytes) { this.#bytes = Buffer.from(bytes); }
  fixed(size) {
    if (this.#at + size > this.#bytes.length) throw new Malformed('too short');
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }
  uint(size) { return this.fixed(size).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n); }
  u8() { return Number(this.uint(1)); }
  u16() { return Number(this.uint(2)); }
  u32() { return Number(this.uint(4)); }
  u64() { return this.uint(8); }
  vector() {
    const first = this.u8();
    const shape = first >> 6;
    if (shape === 3) throw new Malformed('length of a vector');
    let size = first & 0x3f;
    for (let more = (1 << shape) - 1; more > 0; more -= 1) size = size * 256 + this.u8();
    if ((shape === 1 && size < 64) || (shape === 2 && size < 16384)) throw new Malformed('length is not the shortest');
    return this.fixed(size);
  }
  text() {
    const bytes = this.vector();
    let value;
    try {
      value = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new Malformed('not UTF-8');
    }
    checkText(value);
    return value;
  }
  list(read) {
    const inner = new Reader(this.vector());
    const items = [];
    while (!inner.empty) items.push(read(inner));
    return items;
  }
  get empty() { return this.#at === this.#bytes.length; }
}

/** Decodes exactly these bytes: anything left over is refused. */
export function decodeAll(bytes, read) {
  const reader = new Reader(bytes);
  const value = read(reader);
  if (!reader.empty) throw new Malformed('bytes are left over');
  return value;
}

export function encode(write, value) {
  const writer = new Writer();
  write(writer, value);
  return writer.done();
}

const TEXT_MAX_BYTES = 1000;
const NAME_MAX_BYTES = 200;
// Control characters, and those that can make one name pass for another (§1).
const FORBIDDEN = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;
const EDGE = /^\p{White_Space}|\p{White_Space}$/u;

function checkText(value) {
  const bytes = Buffer.from(value, 'utf8');
  if (bytes.length > TEXT_MAX_BYTES) throw new Malformed('text too long');
  if (FORBIDDEN.test(value) || EDGE.test(value)) throw new Malformed('a character that no text may have');
  return bytes;
}

export function isName(value) {
  const size = Buffer.byteLength(value, 'utf8');
  return size >= 1 && size <= NAME_MAX_BYTES;
}

/** Base64url without padding; whatever does not come back the same is refused (§1). */
export function fromBase64url(text) {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new Malformed('not base64url without padding');
  return bytes;
}

export const toBase64url = (bytes) => Buffer.from(bytes).toString('base64url');
export const equal = (a, b) => Buffer.compare(a, b) === 0;
