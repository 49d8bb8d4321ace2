import { mount } from 'svelte';
import '../style/base.css';
import { where } from '../base/where';
import RoomPage from './RoomPage.svelte';

const target = document.querySelector('#app');
const at = where(location);
if (target && at.page === 'join') {
  mount(RoomPage, { target, props: { meeting: at.meeting, fragment: at.fragment } });
}
// Another link pasted over this one.
addEventListener('hashchange', () => location.reload());
