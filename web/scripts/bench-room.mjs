// What a room of ten costs a Chromium: the page of the room, in which everything is sealed, and in turns with it a page that
// shows the same pictures, plays the same sound and sends the same camera without sealing. What is measured and what is not
// stands in docs/bench.md.
//
//   INCAMERA_BIN=../target/release/incamera node scripts/bench-room.mjs [--rounds 5] [--seconds 10] [--ratio-max 1.5] [--json]
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs, promisify } from "node:util";
import { launch, shot, until } from "../e2e/support/browser.mjs";
import { median, noteFirsts } from "../e2e/support/firsts.mjs";
import { openHouse, program } from "../e2e/support/house.mjs";
import { lampBecomes, person, prepare } from "../e2e/support/people.mjs";
import { between, used } from "./processes.mjs";

/** What each of the others sends: as large as the layer that a room of ten is given on a large screen. */
const PICTURE = { width: 640, height: 360, rate: 30, bits: 500_000, seconds: 4 };
const OTHERS = 9;
/** Of the page's offer; as many as in `src/media/connection.ts`. */
const SLOTS = [4, 9];
const SIZE = { width: 1280, height: 800 };
/** How long both are left alone before anything counts: the camera's layers and the estimates of the way come to rest. */
const SETTLE_MS = 12_000;
/** How far the two may be apart in what they decode and encode a second. */
const APART_MAX = 0.05;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "10" },
    "ratio-max": { type: "string", default: "Infinity" },
    json: { type: "boolean", default: false },
  },
});
const [rounds, seconds, ratioMax] = [values.rounds, values.seconds, values["ratio-max"]].map(Number);

/** A round in which the two did not do the same work says nothing and is played again, at most so often in all. */
const TRIES = 2 * rounds + 1;

/** The pictures that all of the others send: one key frame, and from then on what changes. */
async function film(folder) {
  const { width, height, rate, bits, seconds } = PICTURE;
  const file = join(folder, "picture.ivf");
  const source = `testsrc2=size=${width}x${height}:rate=${rate}:duration=${seconds}`;
  const encode = ["-c:v", "libvpx", "-b:v", bits, "-maxrate", bits, "-bufsize", bits, "-g", 10 * rate * seconds];
  const live = ["-auto-alt-ref", 0, "-lag-in-frames", 0, "-error-resilient", 1, "-deadline", "realtime", "-pix_fmt", "yuv420p"];
  const words = ["-v", "error", "-f", "lavfi", "-i", source, ...encode, ...live, file].map(String);
  await promisify(execFile)("ffmpeg", words);
  return file;
}

/** Everybody else: in a house, or with nothing but the engine. What they say is handed to `heard`. */
async function others(picture, convene, heard = () => undefined) {
  // Each round another delegation takes part: a link belongs to the device that has used it.
  const words = ["bench", "room-others", "--number", OTHERS, "--more", TRIES, "--picture", picture].map(String);
  const child = spawn(program, convene ? [...words, "--house", convene] : words, { stdio: ["pipe", "pipe", "inherit"] });
  const seated = new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`nobody is in the room (${code})`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said = JSON.parse(line);
      if (said.Seated) resolve(said.Seated);
      else heard(said);
    });
  });
  const { links } = await seated;
  return { links, ask: (question) => child.stdin.write(`${JSON.stringify(question)}\n`), end: () => child.stdin.end() };
}

/** The plain page, and its way to the engine. */
async function plainRoom(picture) {
  const html = await readFile(new URL("bench-room.html", import.meta.url));
  const room = { page: undefined, answered: undefined };
  const people = await others(picture, undefined, ({ Answer, Layers }) => {
    if (Answer) room.answered?.(Answer.sdp);
    // As in the room, where the worker hands it on; a page that is gone has no use for it.
    if (Layers) room.page?.evaluate((wanted) => window.sendLayers(wanted), Layers.wanted).catch(() => undefined);
  });
  const server = createServer(async (request, response) => {
    if (request.method !== "POST") return response.setHeader("content-type", "text/html").end(html);
    let offer = "";
    for await (const bytes of request) offer += bytes;
    room.answered = (sdp) => response.end(sdp);
    people.ask({ Join: { offer } });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  return Object.assign(room, { url, end: () => (people.end(), server.close()) });
}

/** What the page has decoded and encoded so far, and when. */
const media = (page) =>
  page.evaluate(async () => {
    const all = [...(await window.connections.at(-1).getStats()).values()];
    const of = (type, kind) => all.filter((report) => report.type === type && report.kind === kind);
    return {
      at_ms: performance.now(),
      seen: of("inbound-rtp", "video")
        .filter(({ framesDecoded }) => framesDecoded > 0)
        .map(({ mid, framesDecoded, frameWidth, frameHeight }) => ({ name: mid, frames: framesDecoded, size: `${frameWidth}x${frameHeight}` })),
      sent: of("outbound-rtp", "video")
        .filter(({ framesEncoded }) => framesEncoded > 0)
        .map(({ rid, framesEncoded, frameWidth, frameHeight }) => ({ name: rid, frames: framesEncoded, size: `${frameWidth}x${frameHeight}` })),
      sounds: of("inbound-rtp", "audio").map(({ mid, packetsReceived }) => ({ name: mid, frames: packetsReceived, size: "sound" })),
      shown: [...document.querySelectorAll("video")].map((video) => video.getVideoPlaybackQuality().totalVideoFrames),
    };
  });

/** Of each stream its size, and how many frames a second were there between the two readings. */
function rates(before, after, what) {
  const seconds = (after.at_ms - before.at_ms) / 1_000;
  const earlier = new Map(before[what].map(({ name, frames }) => [name, frames]));
  return after[what]
    .map(({ name, frames, size }) => ({ size, fps: (frames - (earlier.get(name) ?? 0)) / seconds }))
    .filter(({ fps }) => fps > 0.1)
    .toSorted((one, other) => one.size.localeCompare(other.size) || one.fps - other.fps);
}

/** Where the pictures are in the page, the own one last. */
const tilesOf = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("video")].map((video) => {
      const { x, y, width, height } = video.getBoundingClientRect();
      return { x, y, width, height, mirrored: getComputedStyle(video).transform !== "none" };
    }),
  );

/** One that joins, sees everybody, and is measured: what it used, what it decoded meanwhile, and how long it waited. */
async function measured({ prepareIn, joined, leave }) {
  const browser = await launch();
  try {
    const page = await person(browser, { viewport: SIZE });
    await page.context().addInitScript(noteFirsts, OTHERS);
    await prepareIn(page);
    await page.waitForTimeout(3_000);
    await page.getByRole("button", { name: "Join the meeting" }).click();
    await until(() => page.evaluate(() => "all" in window.firsts), { what: "everybody is seen", seconds: 30 });
    await joined(page);
    await page.waitForTimeout(SETTLE_MS);
    const [seenBefore, usedBefore, began] = [await media(page), used(), performance.now()];
    await page.waitForTimeout(seconds * 1_000);
    const [usedAfter, took, seenAfter] = [used(), (performance.now() - began) / 1_000, await media(page)];
    const { seconds: cpu, threads } = between(usedBefore, usedAfter);
    const shown = seenAfter.shown.map((frames, at) => (frames - (seenBefore.shown[at] ?? 0)) / took);
    const [tiles, firsts] = [await tilesOf(page), await page.evaluate(() => window.firsts)];
    await leave?.(page);
    const percent = (of) => Math.round((1_000 * of) / took) / 10;
    return {
      tiles,
      figures: {
        cpu_percent: percent(cpu),
        threads: Object.fromEntries(
          Object.entries(threads)
            .map(([name, its]) => [name, percent(its)])
            .filter(([, its]) => its >= 0.5)
            .toSorted(([, one], [, other]) => other - one),
        ),
        decoded: rates(seenBefore, seenAfter, "seen"),
        encoded: rates(seenBefore, seenAfter, "sent"),
        sounds: rates(seenBefore, seenAfter, "sounds").length,
        shown_fps: Math.round(shown.reduce((sum, fps) => sum + fps, 0)),
        firsts,
      },
    };
  } finally {
    await browser.close();
  }
}

const sum = (streams) => streams.reduce((total, { fps }) => total + fps, 0);

/** Two pages that did not do the same work cannot be held against each other: what was not the same, if anything. */
function difference(sealed, plain) {
  const sizes = (streams) => streams.map(({ size }) => size).join(" ");
  for (const what of ["decoded", "encoded"]) {
    const [one, other] = [sealed[what], plain[what]];
    if (sizes(one) !== sizes(other)) return `${what}: ${sizes(one)}, and without sealing ${sizes(other)}`;
    const [ours, theirs] = [sum(one), sum(other)].map(Math.round);
    if (Math.abs(ours - theirs) > APART_MAX * theirs) return `${what} a second: ${ours}, and without sealing ${theirs}`;
  }
  if (sealed.decoded.length !== OTHERS) return `${sealed.decoded.length} pictures are decoded`;
  if (sealed.sounds !== plain.sounds) return `${sealed.sounds} sounds, and without sealing ${plain.sounds}`;
  return undefined;
}

const folder = await mkdtemp(join(tmpdir(), "incamera-room-"));
const house = await openHouse({ flags: ["--no-recording"] });
const ends = [() => house.close(), () => rm(folder, { recursive: true, force: true })];
try {
  const picture = await film(folder);
  const people = await others(picture, house.convene);
  ends.unshift(people.end);
  const plain = await plainRoom(picture);
  ends.unshift(plain.end);
  const all = [];
  let tiles;
  // The first round warms the machine up and says where the tiles are.
  for (let round = 0; all.length < rounds; round += 1) {
    if (round === TRIES) throw new Error("the machine was too busy: too few rounds count");
    const sealed = await measured({
      prepareIn: (page) => prepare(page, house.url + people.links[round], "Elena Marsh"),
      async joined(page) {
        await lampBecomes(page, "closed");
        if (round === 0) await shot(page, "bench-room-sealed");
      },
      leave: async (page) => {
        await page.click("[data-do=leave]");
        await page.waitForFunction(() => document.querySelectorAll("video").length === 0);
      },
    });
    tiles ??= sealed.tiles;
    if (tiles.length !== OTHERS + 1) throw new Error(`${tiles.length} pictures are shown`);
    const without = await measured({
      async prepareIn(page) {
        plain.page = page;
        await page.addInitScript(([tiles, slots]) => Object.assign(window, { tiles, slots }), [tiles, SLOTS]);
        await page.goto(plain.url);
        await page.locator("[data-ready]").waitFor({ state: "attached" });
      },
      joined: async (page) => {
        if (round === 0) await shot(page, "bench-room-plain");
      },
    });
    plain.page = undefined;
    for (const its of [sealed.tiles, without.tiles]) {
      if (JSON.stringify(its) !== JSON.stringify(tiles)) throw new Error("the tiles are not the same");
    }
    const figures = { round, sealed: sealed.figures, plain: without.figures };
    const differ = difference(sealed.figures, without.figures);
    if (differ) console.error(`round ${round} does not count: ${differ}`);
    if (values.json) console.log(JSON.stringify({ ...figures, counts: round > 0 && !differ }));
    if (round > 0 && !differ) all.push(figures);
  }
  report(all);
} finally {
  for (const end of ends) await end();
}

function report(all) {
  const of = (which, what) => {
    const its = all.map((figures) => what(figures[which]));
    return { median: median(its), least: Math.min(...its), most: Math.max(...its) };
  };
  const row = (which) => ({
    cpu_percent: of(which, (it) => it.cpu_percent),
    first_sound_ms: of(which, ({ firsts }) => firsts.sound),
    first_picture_ms: of(which, ({ firsts }) => firsts.picture),
    all_pictures_ms: of(which, ({ firsts }) => firsts.all),
    decoded_fps: of(which, (it) => Math.round(sum(it.decoded))),
    encoded_fps: of(which, (it) => Math.round(sum(it.encoded))),
    shown_fps: of(which, (it) => it.shown_fps),
  });
  const [sealed, plain] = [row("sealed"), row("plain")];
  const pairs = all.map((figures) => figures.sealed.cpu_percent / figures.plain.cpu_percent);
  const hundredth = (ratio) => Math.round(100 * ratio) / 100;
  const ratio = hundredth(sealed.cpu_percent.median / plain.cpu_percent.median);
  const outcome = { rounds: all.length, seconds, sealed, plain, ratio, ratios: pairs.map(hundredth) };
  if (values.json) console.log(JSON.stringify(outcome));
  else {
    const cell = ({ median, least, most }) => `${median} (${least} – ${most})`;
    const cells = (figures) => Object.fromEntries(Object.entries(figures).map(([name, its]) => [name, cell(its)]));
    console.table({ sealed: cells(sealed), plain: cells(plain) });
    console.log(`CPU sealed by plain: ${ratio} (by rounds: ${outcome.ratios.join(", ")})`);
  }
  if (ratio > ratioMax) throw new Error(`sealing costs ${ratio} times as much; wanted are ${ratioMax}`);
}
