import { mount } from 'svelte';
import load from 'words:common,convene,duties,plan,reach,house,secret';
import '../style/base.css';
import { where } from '../base/where';
import { show } from '../words/page';
import ConvenePage from './ConvenePage.svelte';

const target = document.querySelector('#app');
const at = where(location);
// The key stays in the address: whoever convenes today convenes again tomorrow, from a bookmark.
const houseKey = at.page === 'convene' ? at.key : '';
if (target) void show(load, () => mount(ConvenePage, { target, props: { houseKey } }));
addEventListener('hashchange', () => location.reload());
