// Writes the ids of the messages for TypeScript: after a message of words/en was added, renamed or taken away.
import { writeFile } from 'node:fs/promises';
import { idsModule } from './words.mjs';

await writeFile(new URL('../src/words/ids.ts', import.meta.url), idsModule());
