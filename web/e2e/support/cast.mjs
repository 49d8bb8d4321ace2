// People in front of cameras: a figure before a wall of a colour of its own, as a film that Chromium plays as its camera. Small
// and slow, so that many of them meet on a small machine.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch } from './browser.mjs';
import { person } from './people.mjs';

const results = fileURLToPath(new URL('../../test-results/', import.meta.url));

const [WIDTH, HEIGHT, RATE, FRAMES] = [480, 270, 5, 10];

/** BT.601, as Chromium takes Y4M to be. */
function yuv([r, g, b]) {
  return [0.299 * r + 0.587 * g + 0.114 * b, 128 - 0.169 * r - 0.331 * g + 0.5 * b, 128 + 0.5 * r - 0.419 * g - 0.081 * b];
}

/** The colour at a place of the picture: a head that sways a little, shoulders, and the wall. */
function colourAt(x, y, wall, sway) {
  const [across, down] = [(x - WIDTH / 2 - sway) / HEIGHT, y / HEIGHT];
  if ((across / 0.17) ** 2 + ((down - 0.42) / 0.23) ** 2 < 1) return [214, 176, 148];
  if (down > 0.7 && (across / 0.42) ** 2 + ((down - 1.05) / 0.36) ** 2 < 1) return [44, 48, 58];
  return wall.map((it) => it * (1.1 - 0.35 * down));
}

/** Writes the film of somebody before such a wall; gives its path. */
export async function film(name, wall) {
  const frames = [];
  for (let n = 0; n < FRAMES; n += 1) {
    const sway = 6 * Math.sin((2 * Math.PI * n) / FRAMES);
    const planes = [Buffer.alloc(WIDTH * HEIGHT), Buffer.alloc((WIDTH * HEIGHT) / 4), Buffer.alloc((WIDTH * HEIGHT) / 4)];
    for (let y = 0; y < HEIGHT; y += 1) {
      for (let x = 0; x < WIDTH; x += 1) {
        const [luma, blue, red] = yuv(colourAt(x, y, wall, sway));
        planes[0][y * WIDTH + x] = luma;
        if (x % 2 || y % 2) continue;
        const at = ((y / 2) * WIDTH) / 2 + x / 2;
        planes[1][at] = blue;
        planes[2][at] = red;
      }
    }
    frames.push(Buffer.from('FRAME\n'), ...planes);
  }
  await mkdir(results, { recursive: true });
  const path = `${results}film-${name}.y4m`;
  await writeFile(path, Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${RATE}:1 Ip A1:1 C420\n`), ...frames]));
  return path;
}

/** Somebody with a browser, a face and a voice of their own. A browser has one camera, and shows it to one page. */
export async function onCamera(name, { wall, tone, flags, ...options }) {
  const browser = await launch({ tone, camera: await film(name, wall), flags });
  const page = await person(browser, { bypassCSP: true, ...options });
  return { page, browser };
}
