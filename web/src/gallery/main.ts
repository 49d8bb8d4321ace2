import { mount } from 'svelte';
import '../style/base.css';
import { where } from '../base/where';
import MeetingPage from './MeetingPage.svelte';

const target = document.querySelector('#app');
const at = where(location);
if (target) {
  if (at.page === 'meeting') mount(MeetingPage, { target, props: { meeting: at.meeting } });
  else void import('./SchedulePage.svelte').then((page) => mount(page.default, { target }));
}
