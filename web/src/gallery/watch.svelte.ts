/** Picture and sound, from the moment at which somebody wants them. */

import { mount } from 'svelte';
import Stage from './Stage.svelte';
import type { GalleryState } from './state';

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
