import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Where `incamera serve` listens while someone works on the pages with `npm run dev`.
const server = process.env['INCAMERA_SERVER'] ?? 'http://localhost:8080';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // The content security policy allows neither data: URLs nor inline scripts, so nothing may be folded into
    // something else: every asset, worker and wasm is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      // One page each, so that a reader of the gallery never downloads the room.
      input: {
        gallery: here('index.html'),
        room: here('room.html'),
        convene: here('convene.html'),
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
  },
});
