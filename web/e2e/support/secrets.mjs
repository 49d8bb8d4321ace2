// Whether a secret is in something: as it is written in links, and as bytes in whatever is encoded there.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const fragmentOf = (link) => new URL(link).hash.slice(1);

/** The secrets of a link (docs/protocol.md §4), each as its 32 bytes. The fragment ends in them; a letter's has one more. */
export function secretsOf(link) {
  const bytes = Buffer.from(fragmentOf(link), 'base64url');
  const kind = { 1: 'delegation', 2: 'letter', 3: 'desk' }[bytes[1]];
  const names = [`seed of the ${kind}'s link`, 'meeting secret', ...(kind === 'letter' ? ['delegation secret'] : [])];
  return names.map((what, at) => {
    const from = bytes.length - 32 * (names.length - at);
    return { what, bytes: bytes.subarray(from, from + 32) };
  });
}

/** The names of the secrets that are in `data`, in clear or in base64 of either alphabet, wherever it begins. */
export function found(data, secrets) {
  const raw = Buffer.isBuffer(data) ? data : Buffer.from(data);
  const text = raw.toString('latin1');
  const decoded = (text.match(/[\w+/-]{24,}/g) ?? []).flatMap((token) =>
    [0, 1, 2, 3].map((skip) => Buffer.from(token.slice(skip), 'base64url')),
  );
  return secrets
    .filter(({ bytes }) => [raw, ...decoded].some((it) => it.includes(bytes)))
    .map(({ what }) => what);
}

/** Everything that a page sends: addresses, bodies, what goes over its sockets. */
export function sent(page) {
  const all = [];
  page.on('request', (request) => {
    all.push(request.url(), JSON.stringify(request.headers()), request.postDataBuffer() ?? '');
  });
  page.on('websocket', (socket) => {
    all.push(socket.url());
    socket.on('framesent', ({ payload }) => all.push(payload));
  });
  return all;
}

/** Every file of a folder, as bytes. */
export async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(entries.filter((it) => it.isFile()).map((it) => readFile(join(it.parentPath, it.name))));
}
