import { mount } from 'svelte';
import load from 'words:common,convener,plan,house';
import '../style/base.css';
import { convenerAt } from '../base/convener-path';
import { show } from '../words/page';
import ConvenerPage from './ConvenerPage.svelte';

const target = document.querySelector('#app');
const meeting = convenerAt(location.pathname);
if (target && meeting) {
  const fragment = location.hash.replace(/^#/, '');
  void show(load, () => mount(ConvenerPage, { target, props: { meeting, fragment } }));
}
// Another link pasted over this one.
addEventListener('hashchange', () => location.reload());
