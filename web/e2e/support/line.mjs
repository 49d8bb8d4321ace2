// What may happen to somebody's network.
import { readdir, readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';

/** The processes under this one in which browsers do all their networking: sockets of pages and of media alike. */
export async function networks() {
  const processes = new Map();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)) {
    const [stat, cmdline] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    ]);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    processes.set(pid, { parent, cmdline });
  }
  const isOurs = (pid) => {
    for (let at = pid; processes.has(at); at = processes.get(at).parent) if (at === process.pid) return true;
    return false;
  };
  return [...processes]
    .filter(([pid, { cmdline }]) => cmdline.includes('network.mojom.NetworkService') && isOurs(pid))
    .map(([pid]) => pid);
}

/**
 * Starts a browser by `launch` whose network can be taken away: nothing is sent and nothing comes, over no socket, and
 * nobody is told.
 */
export async function onANetwork(launch) {
  const before = await networks();
  const browser = await launch();
  // The process comes with the first page.
  const context = await browser.newContext();
  await (await context.newPage()).goto('data:text/html,');
  const [pid, ...more] = (await networks()).filter((pid) => !before.includes(pid));
  if (pid === undefined || more.length > 0) throw new Error('cannot tell which process is the network of this browser');
  await context.close();
  return { browser, away: () => process.kill(pid, 'SIGSTOP'), back: () => process.kill(pid, 'SIGCONT') };
}

/** A way to a house that can die without a word: what is on it stays open, and nothing passes any more. New ones pass. */
export async function openLine(house) {
  const { hostname, port } = new URL(house);
  const pairs = new Set();
  let torn = false;
  const server = createServer((near) => {
    if (torn) return near.destroy();
    const far = connect(Number(port), hostname);
    pairs.add({ near, far });
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => [near, far].forEach((it) => it.destroy()));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    die() {
      for (const { near, far } of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.pause();
        far.pause();
      }
    },
    /** What is on it ends, and nothing new gets through until it is mended. */
    tear() {
      torn = true;
      for (const { near, far } of pairs) [near, far].forEach((it) => it.destroy());
    },
    mend() {
      torn = false;
    },
    close() {
      for (const { near, far } of pairs) [near, far].forEach((it) => it.destroy());
      server.close();
    },
  };
}
