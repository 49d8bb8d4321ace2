import type { Plugin } from 'vite';
import type { Pattern } from '../src/words/speak';

export const languages: readonly string[];
export function sections(): string[];
export function messagesOf(language: string, section: string): Record<string, Pattern>;
export function argumentsOf(pattern: Pattern): string[];
export function idsModule(): string;
export function words(): Plugin;
