/** Whether a camera that is on gives a picture: a cover that is shut, or a driver that hangs, is no error to a browser. */

/** So long may a camera take to give its first picture, in milliseconds: some need some seconds to wake. */
const FIRST_PICTURE_MS = 5_000;

/** Says that no picture came in time, and that one came after all. A page that nobody sees draws nothing, and is not judged. */
export function firstPicture(track: MediaStreamTrack, came: (is: boolean) => void): void {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  const late = setTimeout(() => {
    if (document.visibilityState === 'visible' && track.readyState === 'live') came(false);
  }, FIRST_PICTURE_MS);
  const done = (): void => {
    clearTimeout(late);
    video.srcObject = null;
  };
  video.addEventListener('loadeddata', () => {
    done();
    came(true);
  });
  track.addEventListener('ended', done);
  video.play().catch(() => undefined);
}
