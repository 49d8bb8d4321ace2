// Signatures and hashes of docs/protocol.md §2.

import { createHash, createPrivateKey, createPublicKey, randomBytes, sign as signBytes, verify as verifyBytes } from 'node:crypto';

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex'); // RFC 8410 §7, before the 32 bytes
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex'); // RFC 8410 §4, before the 32 bytes
const FIELD = 2n ** 255n - 19n;

/** The y coordinates of the eight points of small order on Curve25519; the sign bit does not matter. */
const SMALL_ORDER_Y = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

const framed = (label, bytes) => Buffer.concat([Buffer.from(`incamera 1 ${label}\0`, 'ascii'), bytes]);

export function hash(label, ...parts) {
  return createHash('sha256').update(framed(label, Buffer.concat(parts))).digest();
}

export class KeyPair {
  constructor(seed) {
    this.seed = Buffer.from(seed);
    this.private = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, this.seed]), format: 'der', type: 'pkcs8' });
    this.public = createPublicKey(this.private).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
  }
  static fresh() { return new KeyPair(randomBytes(32)); }
  sign(label, ...parts) { return signBytes(null, framed(label, Buffer.concat(parts)), this.private); }
}

function isOfSmallOrder(encoded) {
  const y = Buffer.from(encoded);
  y[31] &= 0x7f;
  const number = BigInt(`0x${Buffer.from(y).reverse().toString('hex')}`) % FIELD;
  const reduced = Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
  return SMALL_ORDER_Y.has(reduced.toString('hex'));
}

/** Strict (§1): OpenSSL asks for a small *S* and compares *R* as bytes; points of small order it lets pass. */
export function verify(publicKey, label, signature, ...parts) {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (isOfSmallOrder(publicKey) || isOfSmallOrder(signature.subarray(0, 32))) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return verifyBytes(null, framed(label, Buffer.concat(parts)), key, signature);
}
