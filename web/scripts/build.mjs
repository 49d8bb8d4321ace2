// Builds each page by itself, so that the public's page carries nothing of the room: a chunk that pages share weighs
// what all of them together need.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const web = fileURLToPath(new URL('../', import.meta.url));

await rm(`${web}dist`, { recursive: true, force: true });
for (const page of ['index', 'room', 'convene', 'convener', 'desk']) {
  process.env.INCAMERA_PAGE = page;
  await build({ root: web, logLevel: 'warn' });
}
