// The record as a member holds it against what it took part in, and countersigns it: docs/record.md, docs/protocol.md §14.

import { createHash, createPublicKey, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { must } from './credential.mjs';

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex'); // RFC 8410 §4
const COSIGNATURE = 4; // C2SP signed-note, types of signatures
const LOG = 1;

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leafHash = (entry) => sha256(Buffer.from([0]), entry);
const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right);
const publicKeyOf = (key) => createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: 'der', type: 'spki' });
const keyId = (name, type, key) => sha256(Buffer.from(`${name}\n`), Buffer.from([type]), key).subarray(0, 4);

/** What somebody knows of a tree who has seen so many leaves of it. */
class Frontier {
  constructor(size = 0, peaks = []) {
    must(peaks.length === [...size.toString(2)].filter((bit) => bit === '1').length, 'handshake', 'no tree has these peaks');
    this.size = size;
    this.peaks = peaks;
  }
  push(leaf) {
    let hash = leaf;
    for (let bits = this.size; bits % 2 === 1; bits = (bits - 1) / 2) hash = nodeHash(this.peaks.pop(), hash);
    this.peaks.push(hash);
    this.size += 1;
  }
  root() { return this.peaks.reduceRight((right, left) => nodeHash(left, right)); }
}

/** A signed note of one signature, by the key that its origin names. */
function openHead(note, key, meeting) {
  const [text, signatures] = [note.slice(0, note.lastIndexOf('\n\n') + 1), note.slice(note.lastIndexOf('\n\n') + 2)];
  const [origin, size, root, rest] = text.split('\n');
  must(origin === `incamera/${sha256(key).subarray(0, 16).toString('hex')}/${meeting}`, 'handshake', 'the head of another log');
  must(rest === '', 'handshake', 'a head of more than three lines');
  const [dash, name, encoded] = signatures.trimEnd().split(' ');
  const bytes = Buffer.from(encoded, 'base64');
  must(dash === '—' && name === origin && bytes.subarray(0, 4).equals(keyId(origin, LOG, key)), 'handshake', 'another key’s name');
  must(verifyBytes(null, Buffer.from(text), publicKeyOf(key), bytes.subarray(4)), 'handshake', 'the head’s signature');
  return { text, size: Number(size), root: Buffer.from(root, 'base64') };
}

export class Witness {
  constructor(meeting, letterKey) {
    Object.assign(this, { meeting, letterKey, key: null, frontier: null, expected: [], head: null, due: 0, since: null });
  }
  /** A founding or a commit that this member took in. */
  expect(entry) { this.expected.push(entry); }
  enter(founding, epoch) { this.since ??= { founding, epoch }; }

  offered({ key, note }) {
    const bytes = Buffer.from(key, 'base64url');
    must(!this.key || this.key.equals(bytes), 'handshake', 'the house has another key than before');
    this.head = openHead(note, bytes, this.meeting);
    this.key = bytes;
    must(this.head.size >= (this.frontier?.size ?? 0), 'handshake', 'the record has become shorter');
    this.due = this.expected.length;
    return { type: 'record', from: this.frontier?.size ?? null };
  }
  starts({ size, peaks }) { this.frontier ??= new Frontier(size, peaks.map((peak) => Buffer.from(peak, 'base64url'))); }

  /** Gives the countersignature once everything up to the head has come. */
  told({ first, entries }, nowMs) {
    must(first <= this.frontier.size, 'handshake', 'a gap in what is told of the record');
    for (const { entry, hash } of entries.slice(this.frontier.size - first)) {
      if (entry !== undefined) this.#compare(JSON.parse(Buffer.from(entry, 'base64url')));
      this.frontier.push(entry === undefined ? Buffer.from(hash, 'base64url') : leafHash(Buffer.from(entry, 'base64url')));
    }
    if (this.frontier.size < this.head.size) return null;
    must(this.frontier.root().equals(this.head.root), 'handshake', 'the record is not what the house has signed');
    must(this.due === 0, 'handshake', 'the record lacks what was taken in');
    const time = BigInt(Math.floor(nowMs / 1000));
    const stamp = Buffer.alloc(8);
    stamp.writeBigUInt64BE(time);
    const signature = signBytes(null, Buffer.from(`cosignature/v1\ntime ${time}\n${this.head.text}`), this.letterKey.private);
    return { type: 'cosign', size: this.head.size, signature: Buffer.concat([stamp, signature]).toString('base64url') };
  }

  /** By the message alone: the facts follow from it, and whoever verifies the record sees that they do. */
  #compare({ kind, founding, epoch, context, message }) {
    if (kind !== 'committed' && kind !== 'founded') return;
    const [next] = this.expected;
    const mine = next && next.kind === kind && sha256(next.message).toString('hex') === message.sha256 && next.message.length === message.size;
    if (mine) {
      this.expected.shift();
      this.due -= 1;
      return;
    }
    const group = kind === 'founded' ? Buffer.from(context, 'base64url').readUInt32BE(34) : founding;
    const before = group < this.since.founding || (group === this.since.founding && (kind === 'founded' ? 0 : epoch) < this.since.epoch);
    must(before, 'handshake', 'the record has what was not taken in');
  }
}

/** Whose lines stand under a checkpoint as the house serves it, each held against the key of its letter. */
export function countersigners(note, keys) {
  const [text, lines] = [note.slice(0, note.lastIndexOf('\n\n') + 1), note.slice(note.lastIndexOf('\n\n') + 2)];
  return lines.trimEnd().split('\n').map((line) => line.split(' ')).filter(([, name]) => name.startsWith('incamera/letter/')).map(([, name, encoded]) => {
    const key = keys.get(name.slice('incamera/letter/'.length));
    const bytes = Buffer.from(encoded, 'base64');
    must(key && bytes.subarray(0, 4).equals(keyId(name, COSIGNATURE, key)), 'handshake', 'a key of nobody here');
    const signed = Buffer.from(`cosignature/v1\ntime ${bytes.readBigUInt64BE(4)}\n${text}`);
    must(verifyBytes(null, signed, publicKeyOf(key), bytes.subarray(12)), 'handshake', `the countersignature of ${name}`);
    return name;
  });
}
