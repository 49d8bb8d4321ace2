/** When the sound may come back that a telephone call, another program or a headset has taken away. */

/** Calls when the page comes in sight or a device comes or goes; with `touched` also when the person touches the page. The result stops that. */
export function whenItMayCome(again: () => void, touched = false): () => void {
  const shown = (): void => {
    if (document.visibilityState === 'visible') again();
  };
  document.addEventListener('visibilitychange', shown);
  navigator.mediaDevices?.addEventListener('devicechange', again);
  // Browsers that want a click to play take any.
  if (touched) for (const touch of TOUCHES) document.addEventListener(touch, again);
  return () => {
    document.removeEventListener('visibilitychange', shown);
    navigator.mediaDevices?.removeEventListener('devicechange', again);
    for (const touch of TOUCHES) document.removeEventListener(touch, again);
  };
}

const TOUCHES = ['pointerup', 'keyup'] as const;

/** Has sound go on through a context whenever the browser has stopped it; the result ends that. */
export function keepRunning(context: AudioContext): () => void {
  const again = (): void => {
    if (context.state !== 'running' && context.state !== 'closed') context.resume().catch(() => undefined);
  };
  const stop = whenItMayCome(again, true);
  context.addEventListener('statechange', again);
  return () => {
    stop();
    context.removeEventListener('statechange', again);
  };
}

/** Plays a track, and again whenever the browser has paused it; the result ends that. `blocked`: whether the browser wants a click first. */
export function keepPlaying(audio: HTMLAudioElement, track: MediaStreamTrack, blocked: (is: boolean) => void): () => void {
  let over = false;
  let refused = false;
  const tell = (is: boolean): void => {
    if (over || is === refused) return;
    refused = is;
    blocked(is);
  };
  const again = (): void => {
    // What has ended would pause again at once.
    if (over || !audio.isConnected || !audio.paused || track.readyState === 'ended') return;
    audio.play().then(
      () => tell(false),
      (error: unknown) => {
        if (error instanceof DOMException && error.name === 'NotAllowedError') tell(true);
      },
    );
  };
  const stop = whenItMayCome(again, true);
  audio.addEventListener('pause', again);
  track.addEventListener('unmute', again);
  audio.srcObject = new MediaStream([track]);
  again();
  return () => {
    over = true;
    stop();
    audio.removeEventListener('pause', again);
    track.removeEventListener('unmute', again);
  };
}
