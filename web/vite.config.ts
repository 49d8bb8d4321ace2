import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { leanSvelte } from './scripts/lean-svelte.mjs';
import { words } from './scripts/words.mjs';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Where `incamera serve` listens while someone works on the pages with `npm run dev`.
const server = process.env['INCAMERA_SERVER'] ?? 'http://localhost:8080';

export default defineConfig({
  plugins: [words(), leanSvelte(), svelte()],
  build: {
    target: 'es2022',
    // The content security policy allows neither data: URLs nor inline scripts, so nothing may be folded into
    // something else: every asset, worker and wasm is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: false,
    // One stylesheet for a page, small enough to come at once.
    cssCodeSplit: false,
    // `scripts/build.mjs` builds page by page.
    emptyOutDir: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: here(`${process.env['INCAMERA_PAGE'] ?? 'index'}.html`),
      output: {
        // Svelte's warnings are for those who write it.
        minify: { compress: { dropConsole: true }, mangle: { toplevel: true } },
      },
    },
  },
  // The media worker is a module: it imports the wasm glue and is fetched as its own file.
  worker: { format: 'es' },
  server: {
    proxy: {
      '/api': { target: server, ws: true },
    },
  },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['src/words/english.ts'],
    // Some read the whole of the pages, on machines that have other things to do.
    testTimeout: 30_000,
  },
});
