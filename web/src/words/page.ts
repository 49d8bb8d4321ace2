/** A page of Svelte, in the language of the browser, which can be changed while the page stands. */

import { createSubscriber } from 'svelte/reactivity';
import { keep, preferred, speakOn } from './choose';
import type { Language } from './languages';
import { type Load, onSpoken } from './speak';

const shown = new Set<() => void>();
let load: Load | undefined;

/** Shows the page once it has its words. */
export async function show(words: Load, mount: () => void): Promise<void> {
  load = words;
  onSpoken(
    createSubscriber((again) => {
      shown.add(again);
      return () => shown.delete(again);
    }),
  );
  await speakOn(words, preferred());
  mount();
}

/** Everything on the page is said anew, and nothing else changes. */
export async function change(language: Language): Promise<void> {
  if (!load) return;
  await speakOn(load, language);
  keep(language);
  for (const again of shown) again();
}
