import { mount } from 'svelte';
import load from 'words:common,room,aside,channels,booth,documents,duties,reach,roles,house,secret,typed';
import '../style/base.css';
import { where } from '../base/where';
import { show } from '../words/page';
import RoomPage from './RoomPage.svelte';

const target = document.querySelector('#app');
const at = where(location);
if (target && at.page === 'join') {
  const { meeting, fragment } = at;
  void show(load, () => mount(RoomPage, { target, props: { meeting, fragment } }));
}
// Another link pasted over this one.
addEventListener('hashchange', () => location.reload());
