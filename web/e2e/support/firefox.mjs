// Debian's Firefox as it is, driven by WebDriver BiDi, with its own fake camera and a microphone that hears a tone.
import puppeteer from 'puppeteer-core';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PATIENCE_MS, screenshots } from './browser.mjs';

const results = fileURLToPath(new URL('../../test-results/', import.meta.url));

/** Starts a Firefox of its own; close it when done. `tone` is what its microphone hears. */
export async function launchFirefox({ tone = 1_000 } = {}) {
  await mkdir(results, { recursive: true });
  await mkdir(screenshots, { recursive: true });
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    defaultViewport: { width: 1280, height: 800 },
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.navigator.audio.fake_frequency': tone,
      // Both browsers and the house are on one machine.
      'media.peerconnection.ice.loopback': true,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
    },
  });
}

/** A page in a window of its own, for what is behind another stands still; its peer connections can be asked what arrives. */
export async function personInFirefox(browser) {
  const page = await browser.newPage({ type: 'window' });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.evaluateOnNewDocument(() => {
    window.connections = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration) {
        super(configuration);
        window.connections.push(this);
      }
    };
  });
  page.heard = [];
  page.on('pageerror', (error) => page.heard.push(`${error}`));
  page.on('console', (message) => {
    if (message.type() === 'error') page.heard.push(message.text());
  });
  return page;
}

/** Clicks a button that is there, or once it is, by what stands on it. */
export async function press(page, name) {
  await page.locator(`::-p-xpath(//button[normalize-space(.)=${JSON.stringify(name)}])`).click();
}

/** Through the device check into the room. */
export async function joinInFirefox(page, link, name) {
  await page.goto(link);
  await page.locator('#name').fill(name);
  await page.waitForSelector('.preview video');
  await page.locator('::-p-xpath(//label[contains(., "I use a headset")])').click();
  await press(page, 'Join the meeting');
}

/** What the lamp of a page says. */
export const lampInFirefox = (page) => page.$eval('[data-lamp]', (it) => it.dataset.lamp).catch(() => '');

export const shotInFirefox = (page, name) => page.screenshot({ path: `${screenshots}${name}.png` });
