import { mount } from 'svelte';
import '../style/base.css';
import { where } from '../base/where';
import ConvenePage from './ConvenePage.svelte';

const target = document.querySelector('#app');
const at = where(location);
// The key stays in the address: whoever convenes today convenes again tomorrow, from a bookmark.
if (target) mount(ConvenePage, { target, props: { houseKey: at.page === 'convene' ? at.key : '' } });
addEventListener('hashchange', () => location.reload());
