/**
 * Checks in the reader's own browser who signed what the page shows: the address of the page is the hash of the charter,
 * the charter names a key for each delegation, that key has signed the delegation's own key, and that one the readout.
 */

import load from 'words:check';
import { askJson } from '../base/http';
import { list, number, nullable, shape, text } from '../base/decode';
import { publicMeeting } from '../base/wire';
import type { Readouts } from '../protocol/Readouts';
import { t } from '../strings/check';
import { hear } from './hear';

const readouts = shape<Readouts>({
  claims: list(nullable(text)),
  readouts: list(shape({ at_ms: number, readout: text })),
  joints: list(
    shape({ statement: text, signatures: list(shape({ delegation: number, at_ms: number, signature: text })) }),
  ),
});

type Bytes = Uint8Array<ArrayBuffer>;

const SIGNATURE_LEN = 64;
const KEY_LEN = 32;

/** Reads the TLS presentation language from the front. */
class Reader {
  readonly #bytes: Bytes;
  #at = 0;
  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }
  take(length: number): Bytes {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    if (taken.length !== length) throw new Error('too short');
    this.#at += length;
    return taken;
  }
  number(length: number): number {
    return this.take(length).reduce((sum, byte) => sum * 256 + byte, 0);
  }
  /** A vector: its length in bytes stands in front (RFC 9420 §2.1.2). */
  vector(): Bytes {
    const first = this.number(1);
    const more = (1 << (first >> 6)) - 1;
    const rest = more === 0 ? 0 : this.number(more);
    return this.take((first & 0x3f) * 256 ** more + rest);
  }
  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }
}

const bytesOf = (base64url: string): Bytes =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (it) => it.charCodeAt(0));

const textOf = (bytes: Bytes): string =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

function labelled(label: string, message: Bytes): Bytes {
  const front = new TextEncoder().encode(`incamera 1 ${label}\0`);
  const whole = new Uint8Array(front.length + message.length);
  whole.set(front);
  whole.set(message, front.length);
  return whole;
}

async function verifies(key: Bytes, label: string, message: Bytes, signature: Bytes): Promise<boolean> {
  const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', imported, signature, labelled(label, message));
}

/** The key of each slot, from a charter whose hash is the meeting's id. Anything else throws. */
async function slotKeys(meeting: string, signedCharter: Bytes): Promise<Bytes[]> {
  const charter = signedCharter.subarray(0, -SIGNATURE_LEN);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', labelled('charter', charter)));
  if (textOf(hash) !== meeting) throw new Error('another charter');
  const reader = new Reader(charter);
  // version, suite, nonce, convened_at_ms; title; languages
  reader.take(2 + 2 + 16 + 8);
  reader.vector();
  reader.vector();
  const slots = new Reader(reader.vector());
  const keys: Bytes[] = [];
  while (!slots.ended) {
    slots.vector();
    keys.push(slots.take(KEY_LEN));
  }
  return keys;
}

/** The key of each delegation whose claim holds. */
async function delegationKeys(meeting: string, slots: Bytes[], claims: (string | null)[]): Promise<(Bytes | null)[]> {
  const id = bytesOf(meeting);
  return Promise.all(
    claims.map(async (claim, index) => {
      const slot = slots[index];
      if (claim === null || !slot) return null;
      const bytes = bytesOf(claim);
      const body = bytes.subarray(0, -SIGNATURE_LEN);
      const reader = new Reader(body);
      const same = reader.take(KEY_LEN).every((byte, at) => byte === id[at]) && reader.number(2) === index;
      const key = reader.take(KEY_LEN);
      const holds = same && reader.ended && (await verifies(slot, 'claim', body, bytes.subarray(-SIGNATURE_LEN)));
      return holds ? key : null;
    }),
  );
}

/** What a signed text says, in the order of its languages. */
function markdownOf(texts: Bytes): string {
  const reader = new Reader(texts);
  const said: string[] = [];
  while (!reader.ended) {
    const language = new TextDecoder().decode(reader.vector());
    said.push(`[${language}]\n${new TextDecoder().decode(reader.vector())}`);
  }
  return said.join('\n\n');
}

interface Checked {
  holds: boolean;
  /** The text as it was signed. */
  source: string;
}

/** Whatever cannot even be read does not hold. */
async function judged(judge: () => Promise<Checked>): Promise<Checked> {
  try {
    return await judge();
  } catch {
    return { holds: false, source: '' };
  }
}

/** `null` when the house could not be asked. */
async function checkAll(meeting: string): Promise<Map<string, Checked> | null> {
  const path = `/api/meetings/${encodeURIComponent(meeting)}`;
  const [known, published] = await Promise.all([
    askJson(path, publicMeeting),
    askJson(`${path}/readouts`, readouts),
  ]);
  if (!known.ok || !published.ok) return null;
  const checked = new Map<string, Checked>();
  const keys = await slotKeys(meeting, bytesOf(known.value.charter))
    .then((slots) => delegationKeys(meeting, slots, published.value.claims))
    // The house gives another charter than the link names: nothing of all this holds.
    .catch(() => []);
  const id = bytesOf(meeting);
  const ofThisMeeting = (reader: Reader): boolean => reader.take(KEY_LEN).every((byte, at) => byte === id[at]);
  for (const { readout } of published.value.readouts) {
    const bytes = bytesOf(readout);
    const body = bytes.subarray(0, -SIGNATURE_LEN);
    const reader = new Reader(body);
    const ours = ofThisMeeting(reader);
    const delegation = reader.number(2);
    const version = reader.number(2);
    const result = await judged(async () => {
      reader.take(KEY_LEN + 8);
      const source = markdownOf(reader.vector());
      const key = keys[delegation];
      const holds = Boolean(key && (await verifies(key, 'readout', body, bytes.subarray(-SIGNATURE_LEN))));
      return { holds: ours && reader.ended && holds, source };
    });
    checked.set(`readout ${delegation} ${version}`, result);
  }
  for (const [index, { statement, signatures }] of published.value.joints.entries()) {
    const result = await judged(async () => {
      const body = bytesOf(statement);
      const reader = new Reader(body);
      let holds = ofThisMeeting(reader) && signatures.length > 1;
      for (const { delegation, signature } of signatures) {
        const key = keys[delegation];
        holds &&= Boolean(key && (await verifies(key, 'joint', body, bytesOf(signature))));
      }
      reader.take(8);
      return { holds, source: markdownOf(reader.vector()) };
    });
    checked.set(`joint ${index}`, result);
  }
  return checked;
}

/** Whether this browser can check at all. An older one knows no Ed25519. */
async function canCheck(): Promise<boolean> {
  try {
    await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    return true;
  } catch {
    return false;
  }
}

/** Says under each text what came of the check. Where the browser cannot check, the page says what it said before. */
export async function checkSignatures(meeting: string): Promise<void> {
  const places = document.querySelectorAll<HTMLDetailsElement>('details.signed[data-check]');
  if (places.length === 0) return;
  if (!(await canCheck())) return;
  await hear(load);
  const checked = await checkAll(meeting).catch(() => new Map<string, Checked>());
  if (!checked) return;
  for (const place of places) {
    if (place.dataset['checked']) continue;
    const result = checked.get(place.dataset['check'] ?? '');
    const summary = place.querySelector('summary');
    if (!summary) continue;
    const holds = result?.holds === true;
    place.dataset['checked'] = holds ? 'holds' : 'fails';
    summary.textContent = t(holds ? 'holds' : 'fails');
    if (!holds) place.open = true;
    const how = document.createElement('p');
    how.className = 'small';
    how.textContent = t(holds ? 'holds-how' : 'fails-how');
    place.append(how);
    if (!result?.source) continue;
    const source = document.createElement('pre');
    source.textContent = result.source;
    source.tabIndex = 0;
    source.setAttribute('aria-label', t('source'));
    place.append(source);
  }
}
