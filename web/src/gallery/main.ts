import { mount } from 'svelte';
import '../style/base.css';
import '../style/prose.css';
import '../style/public.css';
import { where } from '../base/where';
import MeetingPage from './MeetingPage.svelte';
import { renew } from './renew';
import { localise } from './times';

/** Running meetings open and close; the schedule asks again now and then. */
const AGAIN_MS = 30_000;

localise(document);
const at = where(location);
const app = document.querySelector('#app');
if (app && at.page === 'meeting') {
  const live = document.createElement('div');
  live.id = 'app';
  // What the server wrote stays until there is something newer to show.
  mount(MeetingPage, { target: live, props: { meeting: at.meeting, appear: () => app.replaceWith(live) } });
  void import('./check').then(({ checkSignatures }) => checkSignatures(at.meeting));
}
if (document.querySelector('#schedule')) setInterval(() => void renew('schedule'), AGAIN_MS);
