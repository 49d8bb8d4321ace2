/**
 * Leaves out what these pages never use of Svelte's runtime: a fifth of what the public page would weigh.
 *
 * - Hydration: nothing here is rendered on the server. Svelte guards all of it by one variable, for bundlers to drop;
 *   this one cannot see that the variable never changes.
 * - Deep state: objects in state are values here, replaced and never changed (`$state.raw`), so there are no proxies.
 *   An object in `$state` is an error, at once.
 * - Vite's helper that looks for stylesheets of what is loaded later: a page has one stylesheet, loaded at once.
 *
 * The version of Svelte is pinned; another one that looks different fails the build here.
 */
export function leanSvelte() {
  return {
    name: 'lean-svelte',
    apply: 'build',
    transform(code, id) {
      const file = id.split('/svelte/src/internal/client/')[1];
      if (file === 'dom/hydration.js') return { code: withoutHydration(code), map: null };
      if (id.endsWith('vite/preload-helper.js')) return { code: withoutPreload, map: null };
      if (file === 'proxy.js') return { code: withoutProxies, map: null };
      return undefined;
    },
  };
}

function withoutHydration(code) {
  const lean = code
    .replace('export let hydrating = false;', 'export const hydrating = false;')
    .replace('\thydrating = value;\n', '');
  if (!lean.includes('const hydrating') || lean.includes('hydrating = value')) {
    throw new Error('Svelte has changed: look at scripts/lean-svelte.mjs');
  }
  return lean;
}

const withoutPreload = `export const __vitePreload = (load) => load();`;

const withoutProxies = `
export function proxy(value) {
  if (typeof value === 'object' && value !== null) throw new Error('an object in $state: use $state.raw');
  return value;
}
export const get_proxied_value = (value) => value;
export const is = (a, b) => Object.is(a, b);
`;
