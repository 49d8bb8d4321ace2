import { mount } from 'svelte';
import '../style/base.css';
import '../style/prose.css';
import { deskAt } from '../base/desk-path';
import DeskPage from './DeskPage.svelte';

const target = document.querySelector('#app');
const meeting = deskAt(location.pathname);
if (target && meeting) {
  mount(DeskPage, { target, props: { meeting, fragment: location.hash.replace(/^#/, '') } });
}
// Another link pasted over this one.
addEventListener('hashchange', () => location.reload());
