// Debian's coturn on loopback, set up as docs/turn.md says but for what loopback needs.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './browser.mjs';

const program = process.env.TURNSERVER ?? '/usr/bin/turnserver';

/** Ports that the relay may use for what it passes on; few, so that a leak of them shows. */
const PORTS = [49_600, 49_663];

/** A TCP port that is free at this moment. */
const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const answers = (port) =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const end = (is) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.on('connect', end(true));
    socket.on('error', end(false));
  });

/** Starts a relay that takes TCP only and reaches nothing but loopback. */
export async function openRelay(secret) {
  const folder = await mkdtemp(join(tmpdir(), 'incamera-relay-'));
  const port = await freePort();
  const file = join(folder, 'turnserver.conf');
  await writeFile(
    file,
    [
      `listening-port=${port}`,
      'listening-ip=127.0.0.1',
      'relay-ip=127.0.0.1',
      `min-port=${PORTS[0]}`,
      `max-port=${PORTS[1]}`,
      'realm=relay.test',
      'use-auth-secret',
      `static-auth-secret=${secret}`,
      'fingerprint',
      'no-udp',
      'no-tls',
      'no-dtls',
      'no-multicast-peers',
      'no-cli',
      // Only here: the house listens on loopback. A relay that reaches loopback elsewhere is a hole.
      'allow-loopback-peers',
      'denied-peer-ip=0.0.0.0-255.255.255.255',
      'allowed-peer-ip=127.0.0.1',
      `userdb=${join(folder, 'turndb')}`,
      `pidfile=${join(folder, 'pid')}`,
      'log-file=stdout',
      'verbose',
      '',
    ].join('\n'),
  );
  const child = spawn(program, ['-c', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (bytes) => (said += bytes));
  child.stderr.on('data', (bytes) => (said += bytes));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.on('error', (error) => (said += error));
  await until(() => answers(port), { what: 'the relay listens' }).catch((error) => {
    throw new Error(`${error.message}\n${said}`);
  });
  return {
    url: `turn:127.0.0.1:${port}?transport=tcp`,
    said: () => said,
    async close() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
