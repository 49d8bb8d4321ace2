// Writes a .br and a .gz beside every compressible file of dist, so that the server never compresses anything itself,
// and refuses pages that the content security policy would break.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const compressible = new Set([
  '.html', '.js', '.css', '.svg', '.json', '.webmanifest', '.txt', '.wasm', '.ftl', '.map', '.ico',
]);

const brotli = (bytes) =>
  promisify(brotliCompress)(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      // The whole file in the window; 22 bits is the most that every browser takes.
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });

// What `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'` would silently drop.
const forbiddenInHtml = [
  [/<script(?![^>]*\ssrc=)[^>]*>/i, 'an inline <script>'],
  [/<style[\s>]/i, 'an inline <style>'],
  [/<[^>]+\sstyle\s*=/i, 'a style="" attribute'],
  [/<[^>]+\son[a-z]+\s*=/i, 'an inline event handler'],
  [/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//i, 'a reference to another origin'],
  [/(?:src|href)\s*=\s*["']?data:/i, 'a data: URL'],
];

const files = (await readdir(dist, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => compressible.has(extname(path)));

const faults = [];
for (const path of files) {
  const bytes = await readFile(path);
  if (extname(path) === '.html') {
    const html = bytes.toString('utf8');
    for (const [pattern, what] of forbiddenInHtml) {
      if (pattern.test(html)) faults.push(`${relative(dist, path)} contains ${what}`);
    }
  }
  for (const [suffix, compressed] of [
    ['.br', await brotli(bytes)],
    ['.gz', await promisify(gzip)(bytes, { level: 9 })],
  ]) {
    // A variant that saves nothing would only cost the client a decoder.
    if (compressed.length < bytes.length) await writeFile(path + suffix, compressed);
  }
}

if (faults.length > 0) {
  console.error(`The content security policy would break these pages:\n  ${faults.join('\n  ')}`);
  process.exit(1);
}
