import { mount } from 'svelte';
import '../style/base.css';
import { convenerAt } from '../base/convener-path';
import ConvenerPage from './ConvenerPage.svelte';

const target = document.querySelector('#app');
const meeting = convenerAt(location.pathname);
if (target && meeting) {
  mount(ConvenerPage, { target, props: { meeting, fragment: location.hash.replace(/^#/, '') } });
}
// Another link pasted over this one.
addEventListener('hashchange', () => location.reload());
