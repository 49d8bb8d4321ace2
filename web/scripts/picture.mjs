// Takes the picture of the README: a real meeting in its open part, between two drawn people.
// Usage, with the server built: node scripts/picture.mjs
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, until } from '../e2e/support/browser.mjs';
import { openHouse } from '../e2e/support/house.mjs';
import { convene, deliberately, join as enter, lampBecomes, moveToOpen, person, sees } from '../e2e/support/people.mjs';

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const WIDTH = 1280;
const HEIGHT = 720;

/** Somebody at a desk, in front of a wall. */
const portrait = ({ wall, panel, coat, shirt, skin, hair, long }) => `
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" width="${WIDTH}" height="${HEIGHT}">
  <rect width="1280" height="720" fill="${wall}"/>
  <rect x="110" y="0" width="250" height="720" fill="${panel}"/>
  <rect x="920" y="0" width="250" height="720" fill="${panel}"/>
  <rect y="566" width="1280" height="8" fill="#00000022"/>
  ${long ? `<path d="M500 300c-14 130-8 210-46 262h372c-38-52-32-132-46-262z" fill="${hair}"/>` : ''}
  <path d="M258 720c18-150 96-196 262-228l120 52 120-52c166 32 244 78 262 228z" fill="${coat}"/>
  <path d="M560 500l80 190 80-190-80 30z" fill="${shirt}"/>
  <path d="M578 410h124v92c0 34-28 60-62 60s-62-26-62-60z" fill="${skin}"/>
  <path d="M578 440c36 40 88 40 124 0v34c-36 34-88 34-124 0z" fill="#00000024"/>
  <ellipse cx="640" cy="312" rx="112" ry="140" fill="${skin}"/>
  ${
    long
      ? `<path d="M512 330c-22-150 60-206 130-206s150 56 126 206c-10-70-40-112-96-126-52 24-120 40-160 126z" fill="${hair}"/>`
      : `<path d="M522 290c-16-120 54-172 120-172s136 50 116 172c-8-42-24-66-46-84-50 14-96 10-144-2-22 20-36 44-46 86z" fill="${hair}"/>`
  }
  <path d="M560 512l80 112-56 96H470zM720 512l-80 112 56 96h114z" fill="#00000020"/>
</svg>`;

const PEOPLE = [
  { wall: '#c9cdc8', panel: '#b7bdb8', coat: '#27323f', shirt: '#eceae4', skin: '#d8a985', hair: '#3b2a22', long: true },
  { wall: '#b9a98f', panel: '#a8977c', coat: '#3c3a38', shirt: '#e6e9ec', skin: '#a87452', hair: '#55524f', long: false },
];

/** One frame of Y4M (4:2:0), which Chromium's camera repeats. */
async function camera(browser, svg, file) {
  const page = await browser.newPage();
  const planes = await page.evaluate(
    async ({ source, width, height }) => {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(source)}`;
      await image.decode();
      const context = new OffscreenCanvas(width, height).getContext('2d');
      context.drawImage(image, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      const y = new Uint8Array(width * height);
      const u = new Uint8Array((width * height) / 4);
      const v = new Uint8Array((width * height) / 4);
      for (let row = 0; row < height; row += 1) {
        for (let column = 0; column < width; column += 1) {
          const at = row * width + column;
          const [r, g, b] = data.slice(at * 4, at * 4 + 3);
          y[at] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
          if (row % 2 || column % 2) continue;
          const half = (row / 2) * (width / 2) + column / 2;
          u[half] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
          v[half] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
        }
      }
      const all = new Uint8Array(y.length + u.length + v.length);
      all.set(y);
      all.set(u, y.length);
      all.set(v, y.length + u.length);
      let text = '';
      for (let at = 0; at < all.length; at += 8_192) text += String.fromCharCode(...all.subarray(at, at + 8_192));
      return btoa(text);
    },
    { source: svg, width: WIDTH, height: HEIGHT },
  );
  await page.close();
  const frame = Buffer.concat([Buffer.from('FRAME\n'), Buffer.from(planes, 'base64')]);
  await writeFile(
    file,
    Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F20:1 Ip A1:1 C420jpeg\n`), frame, frame, frame, frame]),
  );
  return file;
}

const painter = await launch();
const [cameraOfAna, cameraOfBen] = await Promise.all(
  PEOPLE.map((it, index) => camera(painter, portrait(it), join(tmpdir(), `incamera-picture-${index}.y4m`))),
);
const house = await openHouse();
const [browserOfAna, browserOfBen] = await Promise.all([launch({ camera: cameraOfAna }), launch({ camera: cameraOfBen })]);
try {
  const ana = await person(browserOfAna, { viewport: { width: 1280, height: 760 } });
  const ben = await person(browserOfBen);
  const viewer = await person(painter, { viewport: { width: 1280, height: 900 } });
  const meeting = await convene(viewer, house.convene);
  await enter(ana, meeting.links[0], 'Elena Marsh');
  await enter(ben, meeting.links[1], 'Tomas Iversen');
  await Promise.all([lampBecomes(ana, 'closed'), lampBecomes(ben, 'closed')]);
  await moveToOpen(ana);
  await deliberately(ben, 'Agree to open');
  await viewer.goto(meeting.open);
  await lampBecomes(viewer, 'open');
  await viewer.getByRole('button', { name: 'Watch and listen' }).click();
  await sees(viewer, 40, 40);
  await until(async () => (await viewer.locator('.tiles video').count()) === 2, { what: 'two pictures' });
  // A sharp picture takes the bandwidth estimate a moment.
  await Promise.all([sees(ana, 400, 90), sees(viewer, 400, 90)]);
  await mkdir(images, { recursive: true });
  await ana.mouse.move(0, 0);
  await ana.evaluate(() => document.activeElement?.blur());
  await ana.screenshot({ path: `${images}first-meeting.png` });
  await viewer.screenshot({ path: `${images}public-page.png` });
} finally {
  await Promise.all([painter.close(), browserOfAna.close(), browserOfBen.close()]);
  await house.close();
}
