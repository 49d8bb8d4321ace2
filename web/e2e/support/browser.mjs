// Debian's Chromium with a fake camera, and a microphone that hears a known tone.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Where the pictures are. */
export const screenshots = `${process.env.CARGO_TARGET_DIR ?? `${root}target`}/screenshots/`;
const results = fileURLToPath(new URL('../../test-results/', import.meta.url));

/** The frequency that the fake microphone hears, in hertz: in the middle of speech, on no harmonic of the mains. */
export const TONE_HZ = 1_000;

/** A mono WAV file of `seconds` of a sine, which Chromium plays in a loop. */
export function wav(hertz, seconds = 10, rate = 48_000) {
  const samples = seconds * rate;
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(samples * 2, 40);
  for (let n = 0; n < samples; n += 1) {
    bytes.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hertz * n) / rate)), 44 + n * 2);
  }
  return bytes;
}

/**
 * Starts a browser of its own; close it when done. `tone` is what its microphone hears, `camera` a Y4M file that its
 * camera sees instead of Chromium's test picture, `flags` are more of Chromium's. `crowded` is a browser of many pages, whose
 * test picture comes five times a second and not twenty: what all of them encode and decode for each other would take the
 * whole machine. Without `answers` nobody answers for the person what a page may use.
 */
export async function launch({ tone = TONE_HZ, devices = true, answers = true, camera, crowded = false, flags = [] } = {}) {
  await mkdir(results, { recursive: true });
  const file = `${results}tone-${tone}.wav`;
  await writeFile(file, wav(tone));
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      // Three pages of one machine: none of them may be put to sleep because another is in front.
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
      ...(answers ? ['--use-fake-ui-for-media-stream'] : []),
      ...(devices ? [`--use-fake-device-for-media-stream${crowded ? '=fps=5' : ''}`, `--use-file-for-fake-audio-capture=${file}`] : []),
      ...(camera ? [`--use-file-for-fake-video-capture=${camera}`] : []),
      ...flags,
    ],
  });
}

/** What a page complained about; a test that ends well ends with none. */
export function complaints(page) {
  const heard = [];
  page.on('pageerror', (error) => heard.push(`${error}`));
  page.on('console', (message) => {
    if (message.type() === 'error') heard.push(message.text());
  });
  return heard;
}

/**
 * How long a state may take to come before a test says that it does not. No bound of the product: eight pages that hear and
 * see take long on two processors, of which others may have their part.
 */
export const PATIENCE_MS = 90_000;

/**
 * Waits for a state, never for a time: asks again until the answer is truthy. `seconds` where the product itself must be quick:
 * who is no longer safe stops.
 */
export async function until(question, { what, seconds = PATIENCE_MS / 1_000, every = 100 }) {
  const end = Date.now() + seconds * 1_000;
  let last;
  for (;;) {
    last = await question();
    if (last) return last;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s (last answer: ${JSON.stringify(last)})`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** A picture of a page, or of a part of it, for whoever wants to look: `cargo xtask test` says where they are. */
export const shot = (page, name, options = {}) => page.screenshot({ path: `${screenshots}${name}.png`, ...options });
