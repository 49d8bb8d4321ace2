/**
 * What a reload of a tab needs, as ciphertext: AES-GCM under a key that WebCrypto does not give out. The tab's session
 * has the ciphertext, the browser's database the key: when the tab is gone, what is left opens nothing. Runs in workers.
 */

export interface Sealed {
  /** Names the key. */
  id: string;
  nonce: string;
  sealed: string;
}

/** Where the keys are. */
export interface KeyBox {
  get(id: string): Promise<CryptoKey | undefined>;
  put(id: string, key: CryptoKey, made_ms: number): Promise<void>;
  remove(id: string): Promise<void>;
  /** Removes keys that were made before this moment. */
  sweep(before_ms: number): Promise<void>;
}

/** Holds a name for as long as this worker lives, or until what it gives is called; `null`: somebody else holds it. */
export type Hold = (name: string) => Promise<(() => void) | null>;

export type Before =
  | { is: 'here'; text: string }
  /** Another tab has it: this one is a copy of that. */
  | { is: 'elsewhere' }
  | { is: 'nothing' };

/** Letters are valid for 400 days after the convening at the most; no meeting lives longer. */
export const KEY_LIFE_MS = 400 * 24 * 3_600_000;

/** As NIST SP 800-38D §8.2.2 wants it for random nonces. */
const NONCE_LEN = 12;
const ID_LEN = 16;

export class Keeper {
  readonly #bound: Uint8Array<ArrayBuffer>;
  readonly #box: KeyBox;
  readonly #hold: Hold;
  #own: { id: string; key: CryptoKey; release: () => void } | undefined;

  /** What is sealed for one meeting opens for no other. */
  constructor(meeting: string, box: KeyBox, hold: Hold) {
    this.#bound = new TextEncoder().encode(meeting);
    this.#box = box;
    this.#hold = hold;
  }

  /** What was sealed before the reload. Whatever cannot be opened is as good as nothing. */
  async open(before: Sealed): Promise<Before> {
    const release = await this.#hold(`incamera:keep:${before.id}`);
    if (!release) return { is: 'elsewhere' };
    try {
      const key = await this.#box.get(before.id);
      if (!key) throw new Error('no key');
      const plain = await crypto.subtle.decrypt(this.#with(bytesOf(before.nonce)), key, bytesOf(before.sealed));
      this.#own = { id: before.id, key, release };
      return { is: 'here', text: new TextDecoder().decode(plain) };
    } catch {
      release();
      return { is: 'nothing' };
    }
  }

  /** Throws where the browser has no place for a key: then nothing is kept, rather than anything in clear. */
  async seal(text: string, now_ms: number): Promise<Sealed> {
    const { id, key } = (this.#own ??= await this.#make(now_ms));
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_LEN));
    const sealed = await crypto.subtle.encrypt(this.#with(nonce), key, new TextEncoder().encode(text));
    return { id, nonce: textOf(nonce), sealed: textOf(new Uint8Array(sealed)) };
  }

  /** The key is gone, and with it whatever was sealed. */
  async forget(): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    if (!own) return;
    await this.#box.remove(own.id).catch(() => undefined);
    own.release();
  }

  async #make(now_ms: number): Promise<{ id: string; key: CryptoKey; release: () => void }> {
    const id = textOf(crypto.getRandomValues(new Uint8Array(ID_LEN)));
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    await this.#box.sweep(now_ms - KEY_LIFE_MS);
    await this.#box.put(id, key, now_ms);
    const release = await this.#hold(`incamera:keep:${id}`);
    if (!release) throw new Error('a fresh name is taken');
    return { id, key, release };
  }

  #with(iv: Uint8Array<ArrayBuffer>): AesGcmParams {
    return { name: 'AES-GCM', iv, additionalData: this.#bound };
  }
}

const textOf = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (it) => it.charCodeAt(0));
