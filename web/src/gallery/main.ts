import { type Component, mount } from 'svelte';
import '../style/base.css';
import { where } from '../base/where';

const target = document.querySelector('#app');
const at = where(location);

async function show<Props extends Record<string, unknown>>(
  page: Promise<{ default: Component<Props> }>,
  props: Props,
): Promise<void> {
  if (target) mount((await page).default, { target, props });
}

// Each page fetches only its own.
if (at.page === 'meeting') void show(import('./MeetingPage.svelte'), { meeting: at.meeting });
else void show(import('./SchedulePage.svelte'), {});
