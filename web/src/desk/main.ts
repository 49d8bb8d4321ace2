import { mount } from 'svelte';
import load from 'words:common,desk,reach,roles,house,readouts,secret';
import '../style/base.css';
import '../style/prose.css';
import { deskAt } from '../base/desk-path';
import { show } from '../words/page';
import DeskPage from './DeskPage.svelte';

const target = document.querySelector('#app');
const meeting = deskAt(location.pathname);
if (target && meeting) {
  const fragment = location.hash.replace(/^#/, '');
  void show(load, () => mount(DeskPage, { target, props: { meeting, fragment } }));
}
// Another link pasted over this one.
addEventListener('hashchange', () => location.reload());
