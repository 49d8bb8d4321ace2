/** The recordings of a meeting that is over, from the moment at which it is. */

import { mount } from 'svelte';
import load from 'words:recordings,common';
import { hear } from './hear';
import type { PublicState } from '../protocol/PublicState';
import Recordings from './Recordings.svelte';

/** Shows them behind an element of the page. */
export async function showRecordings(behind: Element, meeting: PublicState): Promise<void> {
  await hear(load);
  const target = document.createElement('div');
  behind.after(target);
  mount(Recordings, { target, props: { meeting } });
}
