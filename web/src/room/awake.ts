/** The screen stays on while somebody is in a meeting (W3C Screen Wake Lock). A telephone that sleeps takes its camera away. */

/** What of the browser is needed. `request` is absent where it cannot do this: then the screen sleeps as it always did. */
export interface Screen {
  request: (() => Promise<Pick<WakeLockSentinel, 'release'>>) | undefined;
  visible: () => boolean;
  /** Calls when the page comes in sight or goes out of it; the result stops that. */
  watch: (changed: () => void) => () => void;
}

export const thisScreen = (): Screen => ({
  request: 'wakeLock' in navigator ? () => navigator.wakeLock.request('screen') : undefined,
  visible: () => document.visibilityState === 'visible',
  watch: (changed) => {
    document.addEventListener('visibilitychange', changed);
    return () => document.removeEventListener('visibilitychange', changed);
  },
});

/** Keeps the screen on; the result lets it sleep again. The browser lets go whenever the page is out of sight. */
export function stayAwake(screen: Screen): () => void {
  const { request } = screen;
  if (!request) return () => undefined;
  let over = false;
  let held: Pick<WakeLockSentinel, 'release'> | undefined;
  const letGo = (it: typeof held): void => void it?.release().catch(() => undefined);
  const hold = async (): Promise<void> => {
    if (over || !screen.visible()) return;
    try {
      const fresh = await request();
      // One that was asked for before is let go, or it would outlive this.
      letGo(held);
      held = fresh;
      if (over) letGo(held);
    } catch {
      // The battery is low, or the page went out of sight meanwhile. It is asked again when it is back.
    }
  };
  const unwatch = screen.watch(() => void hold());
  void hold();
  return () => {
    over = true;
    unwatch();
    letGo(held);
  };
}
