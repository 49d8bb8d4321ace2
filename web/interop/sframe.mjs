// Media keys and frames: SFrame (RFC 9605) as docs/protocol.md §10 and §11 fix it.

import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { Malformed } from './codec.mjs';

export const MICROPHONE = 0;
export const CAMERA = 1;
export const SCREEN = 2;
const CLEAR_PREFIX_BYTES = [0, 1, 1];
const WINDOW_COUNTERS = 512n;
const FRAME_MAX_BYTES = 2 * 1024 * 1024;

/** The two suites of RFC 9605 §8.1 that are used. */
const CLOSED = { id: 0x0005, hash: 'sha512', hashBytes: 64, keyBytes: 32, tagBytes: 16 };
const OPEN = { id: 0x0001, hash: 'sha256', hashBytes: 32, keyBytes: 48, tagBytes: 10 };
const CTR_KEY_BYTES = 16;
const NONCE_BYTES = 12;
const suiteOf = (open) => (open ? OPEN : CLOSED);

export function kidOf({ founding, epoch, leaf, stream, open }) {
  return (BigInt(founding) << 52n) | (BigInt(epoch) << 28n) | (BigInt(leaf) << 4n) | (BigInt(stream) << 1n) | (open ? 1n : 0n);
}

export function readKid(kid) {
  const field = (at, bits) => (kid >> BigInt(at)) & ((1n << BigInt(bits)) - 1n);
  const parts = {
    founding: Number(field(52, 8)), epoch: field(28, 24), slice: Number(field(20, 8)),
    leaf: Number(field(4, 16)), stream: Number(field(1, 3)), open: field(0, 1) === 1n,
  };
  if (kid >> 60n !== 0n || parts.stream > SCREEN) throw new Malformed('no such KID');
  return parts;
}

export const kidText = (kid) => kid.toString(16).padStart(16, '0');

const be = (value, size) => {
  const bytes = Buffer.alloc(size);
  for (let at = size - 1, rest = BigInt(value); at >= 0; at -= 1, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
};

function expand(suite, secret, info, size) {
  const blocks = [];
  let block = Buffer.alloc(0);
  for (let count = 1; blocks.length * suite.hashBytes < size; count += 1) {
    block = createHmac(suite.hash, secret).update(block).update(info).update(Buffer.of(count)).digest();
    blocks.push(block);
  }
  return Buffer.concat(blocks).subarray(0, size);
}

/** RFC 9605 §4.4.2: key and salt of one KID from the base key of its epoch. */
export function deriveKey(open, baseKey, kid) {
  const suite = suiteOf(open);
  const secret = createHmac(suite.hash, Buffer.alloc(suite.hashBytes)).update(baseKey).digest();
  const info = (what) => Buffer.concat([Buffer.from(`SFrame 1.0 Secret ${what} `, 'ascii'), be(kid, 8), be(suite.id, 2)]);
  return { open, kid, key: expand(suite, secret, info('key'), suite.keyBytes), salt: expand(suite, secret, info('salt'), NONCE_BYTES) };
}

/** §11: what of a key is disclosed. */
export function disclosureOf(key) {
  return {
    kid: kidText(key.kid),
    enc_key: key.key.subarray(0, CTR_KEY_BYTES).toString('base64url'),
    salt: key.salt.toString('base64url'),
  };
}

const shortest = (value) => {
  let size = 1;
  while (value >> BigInt(8 * size) !== 0n) size += 1;
  return be(value, size);
};

/** RFC 9605 §4.3. */
export function writeHeader(kid, counter) {
  const part = (value) => (value < 8n ? { bits: Number(value), bytes: Buffer.alloc(0) } : { bits: 8 | (shortest(value).length - 1), bytes: shortest(value) });
  const [k, c] = [part(kid), part(counter)];
  return Buffer.concat([Buffer.of((k.bits << 4) | c.bits), k.bytes, c.bytes]);
}

export function readHeader(bytes) {
  const config = bytes[0];
  if (config === undefined) throw new Malformed('no header');
  let at = 1;
  const part = (bits) => {
    if ((bits & 8) === 0) return BigInt(bits);
    const size = (bits & 7) + 1;
    const taken = bytes.subarray(at, at + size);
    if (taken.length < size) throw new Malformed('header too short');
    at += size;
    return taken.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  };
  const kid = part(config >> 4);
  const counter = part(config & 15);
  return { kid, counter, size: at };
}

/** §4.4.3: the salt XOR the counter. */
function nonceOf(salt, counter) {
  const nonce = be(counter, NONCE_BYTES);
  for (let at = 0; at < NONCE_BYTES; at += 1) nonce[at] ^= salt[at];
  return nonce;
}

const counterBlock = (nonce) => Buffer.concat([nonce, Buffer.alloc(4)]);

/** §4.5.1. */
function ctrTag(key, nonce, aad, ciphertext) {
  const lengths = [be(aad.length, 8), be(ciphertext.length, 8), be(OPEN.tagBytes, 8)];
  const mac = createHmac('sha256', key.subarray(CTR_KEY_BYTES));
  for (const part of [...lengths, nonce, aad, ciphertext]) mac.update(part);
  return mac.digest().subarray(0, OPEN.tagBytes);
}

function encrypt(key, counter, aad, plain) {
  const nonce = nonceOf(key.salt, counter);
  if (key.open) {
    const cipher = createCipheriv('aes-128-ctr', key.key.subarray(0, CTR_KEY_BYTES), counterBlock(nonce));
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([ciphertext, ctrTag(key.key, nonce, aad, ciphertext)]);
  }
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce).setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key, counter, aad, sealed) {
  const nonce = nonceOf(key.salt, counter);
  const split = sealed.length - suiteOf(key.open).tagBytes;
  if (split < 0) throw new Malformed('frame too short');
  const [ciphertext, tag] = [sealed.subarray(0, split), sealed.subarray(split)];
  if (key.open) {
    if (!timingSafeEqual(tag, ctrTag(key.key, nonce, aad, ciphertext))) throw new Malformed('the tag does not hold');
    const decipher = createDecipheriv('aes-128-ctr', key.key.subarray(0, CTR_KEY_BYTES), counterBlock(nonce));
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  }
  const decipher = createDecipheriv('aes-256-gcm', key.key, nonce).setAAD(aad);
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

/** RFC 9605 §4.4.3: header, ciphertext and tag of one frame, with `metadata` authenticated. */
export function sealBytes(key, counter, metadata, plain) {
  const header = writeHeader(key.kid, counter);
  return Buffer.concat([header, encrypt(key, counter, Buffer.concat([header, metadata]), plain)]);
}

/** A sender's key of one stream in one epoch; its counter only grows. */
export class Sealer {
  constructor(key) { this.key = key; this.count = 0n; this.prefix = CLEAR_PREFIX_BYTES[readKid(key.kid).stream]; }
  seal(frame) {
    if (frame.length > FRAME_MAX_BYTES || frame.length < this.prefix) throw new Malformed('size of the frame');
    const clear = frame.subarray(0, this.prefix);
    const sealed = sealBytes(this.key, this.count, clear, frame.subarray(this.prefix));
    this.count += 1n;
    return Buffer.concat([clear, sealed]);
  }
}

/** What a member can open: the base keys of epochs, by KID alone. */
export class Opener {
  #epochs = [];
  #seen = new Map();
  /** `leaves`: those of the others. `fins`: after a close, kid → count. */
  enter({ founding, epoch, open, baseKey, leaves }) {
    this.#epochs.push({ founding, epoch, open, baseKey, leaves, fins: null, untilMs: Infinity });
    if (this.#epochs.length > 3) this.#epochs.shift(); // the present one and never more than two that ended
  }
  /** After a close: what of the ended part is still taken. */
  bound(epoch, fins) {
    for (const held of this.#epochs) if (held.epoch === epoch) held.fins = fins;
  }
  /** The epochs held so far have ended: late frames of theirs are taken until then. */
  end(untilMs) {
    for (const held of this.#epochs) held.untilMs = Math.min(held.untilMs, untilMs);
  }
  open(stream, frame, nowMs) {
    this.#epochs = this.#epochs.filter((held) => nowMs <= held.untilMs);
    const prefix = CLEAR_PREFIX_BYTES[stream];
    if (frame.length > FRAME_MAX_BYTES || frame.length < prefix) throw new Malformed('size of the frame');
    const clear = frame.subarray(0, prefix);
    const body = frame.subarray(prefix);
    const { kid, counter, size } = readHeader(body);
    const named = readKid(kid);
    const held = this.#epochs.find((e) => BigInt(e.epoch) === named.epoch && e.founding === named.founding && e.open === named.open);
    if (!held || named.slice !== 0 || named.stream !== stream || !held.leaves.includes(named.leaf)) throw new Malformed('no key for this KID');
    if (held.fins && counter >= (held.fins.get(kid) ?? 0n)) throw new Malformed('after the end of the part');
    const seen = this.#seen.get(kid) ?? { newest: -1n, taken: new Set() };
    if (seen.taken.has(counter) || seen.newest - counter >= WINDOW_COUNTERS) throw new Malformed('taken already, or too old');
    const key = deriveKey(held.open, held.baseKey, kid);
    const plain = decrypt(key, counter, Buffer.concat([body.subarray(0, size), clear]), body.subarray(size));
    seen.taken.add(counter);
    if (counter > seen.newest) seen.newest = counter;
    for (const old of seen.taken) if (seen.newest - old >= WINDOW_COUNTERS) seen.taken.delete(old);
    this.#seen.set(kid, seen);
    return { leaf: named.leaf, frame: Buffer.concat([clear, plain]) };
  }
}

/** §11: what the gallery can do with a disclosure: decrypt, and check nothing. */
export function openAsGallery(disclosure, stream, frame) {
  const prefix = CLEAR_PREFIX_BYTES[stream];
  const body = frame.subarray(prefix);
  const { kid, counter, size } = readHeader(body);
  if (kidText(kid) !== disclosure.kid || !readKid(kid).open) throw new Malformed('another KID');
  const nonce = nonceOf(Buffer.from(disclosure.salt, 'base64url'), counter);
  const decipher = createDecipheriv('aes-128-ctr', Buffer.from(disclosure.enc_key, 'base64url'), counterBlock(nonce));
  return Buffer.concat([frame.subarray(0, prefix), decipher.update(body.subarray(size, body.length - OPEN.tagBytes)), decipher.final()]);
}
