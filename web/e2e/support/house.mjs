// The real server, as a person starts it.
import { spawn } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const built = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/incamera');
/** The program under test. */
export const program = process.env.INCAMERA_BIN ?? built;

/** How long a server may take to its first line, in milliseconds. */
const START_MS_MAX = 20_000;

/** `cargo xtask`, as it was built. */
export const xtask = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/xtask');

/** Runs the program to its end, and gives what it said. */
export async function run(...args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (bytes) => (said += bytes));
  const code = await new Promise((resolve) => child.on('exit', resolve));
  return { code, said };
}

/** What `incamera verify` says of the record of a meeting, by the address of its page. */
export async function verify(address) {
  const { said } = await run('verify', address, '--json');
  return JSON.parse(said.trimEnd().split('\n').at(-1));
}

/** The number of the process that this house has started to watch the gallery. */
async function watcherOf(house) {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    if (Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]) === house && !/^State:\s+Z/m.test(status)) return Number(name);
  }
  return undefined;
}

/** Ends a process that may have ended by itself. */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Starts `incamera serve` on a data folder of its own, or on one that was used before. Where it listens and keeps its data it
 * learns from its surroundings, so that `flags` are all that a person would write.
 */
export async function openHouse({ data, listen = '127.0.0.1:0', flags = [], env = {} } = {}) {
  await access(program).catch(() => {
    throw new Error(`${program} is not built: run cargo build -p incamera`);
  });
  const folder = data ?? (await mkdtemp(join(tmpdir(), 'incamera-e2e-')));
  const own = { INCAMERA_LISTEN: listen, INCAMERA_MEDIA_PORT: '0', INCAMERA_DATA: folder };
  const child = spawn(program, ['serve', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...own, ...env },
  });
  let said = '';
  const lines = await new Promise((resolve, reject) => {
    const overdue = setTimeout(() => reject(new Error(`the server did not start:\n${said}`)), START_MS_MAX);
    const take = (bytes) => {
      said += bytes;
      const url = /incamera is listening on (http:\/\/\S+)/.exec(said)?.[1];
      const convene = /convene: (http:\/\/\S+)/.exec(said)?.[1];
      if (!url || !convene) return;
      clearTimeout(overdue);
      resolve({ url: url.replace(/\/$/, ''), convene });
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('exit', (code) => reject(new Error(`the server ended (${code}):\n${said}`)));
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  return {
    ...lines,
    data: folder,
    /** Where the next one must listen to be found again. */
    listen: `127.0.0.1:${new URL(lines.url).port}`,
    said: () => said,
    /** Sends a signal to the process of the house that watches the gallery. */
    async signalWatcher(signal) {
      const watcher = await watcherOf(child.pid);
      if (watcher === undefined) throw new Error('nobody watches the gallery');
      process.kill(watcher, signal);
    },
    /** As a power cut does it. */
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async close() {
      // It would write on for a moment after its house is gone, and one that is stopped would not notice.
      const watcher = await watcherOf(child.pid);
      child.kill('SIGKILL');
      await ended;
      if (watcher !== undefined) kill(watcher);
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
