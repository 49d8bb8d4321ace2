/** Picture and sound, from the moment at which somebody wants them. */

import { mount } from 'svelte';
import load from 'words:stage,channels';
import { hear } from './hear';
import Stage from './Stage.svelte';
import type { ViewerMessage } from '../protocol/ViewerMessage';
import type { GalleryState } from './state';

/** Once it has its words. */
export const heard = (): Promise<void> => hear(load);

export interface Watching {
  /** With each new state. */
  follow(gallery: GalleryState): void;
  /** What somebody has signed for. */
  digest(digest: string): void;
}

/**
 * `charter`: from which on signatures count, as the house gave it; it is checked against the meeting's id. `say`: to the
 * house, which language is wanted.
 */
export function watch(
  target: Element,
  first: GalleryState,
  charter: string,
  say: (message: ViewerMessage) => void,
): Watching {
  let gallery = $state.raw(first);
  let listen: (digest: string) => void = () => undefined;
  const props = {
    charter,
    say,
    hears: (listener: (digest: string) => void) => (listen = listener),
    get gallery() {
      return gallery;
    },
    get meeting() {
      if (!gallery.meeting) throw new Error('nothing is known of the meeting');
      return gallery.meeting;
    },
  };
  mount(Stage, { target, props });
  return {
    follow: (next) => {
      gallery = next;
    },
    digest: (digest) => listen(digest),
  };
}
