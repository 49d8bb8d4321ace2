/** Picture and sound, from the moment at which somebody wants them. */

import { mount } from 'svelte';
import load from 'words:stage';
import { hear } from './hear';
import Stage from './Stage.svelte';
import type { GalleryState } from './state';

/** Once it has its words. */
export const heard = (): Promise<void> => hear(load);

/** Gives what is to be called with each new state. */
export function watch(target: Element, first: GalleryState): (gallery: GalleryState) => void {
  let gallery = $state.raw(first);
  const props = {
    get gallery() {
      return gallery;
    },
    get meeting() {
      if (!gallery.meeting) throw new Error('nothing is known of the meeting');
      return gallery.meeting;
    },
  };
  mount(Stage, { target, props });
  return (next) => {
    gallery = next;
  };
}
