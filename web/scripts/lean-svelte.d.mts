import type { Plugin } from 'vite';

export function leanSvelte(): Plugin;
