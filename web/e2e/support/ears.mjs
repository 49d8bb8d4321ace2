// What a page lets people hear, at its loudspeaker, where it mixes sound itself; and microphones that hear a tone.
import { until } from './browser.mjs';

/** Every microphone of this context hears a sine. To be given to `addInitScript`, with the frequency in hertz. */
export function hearsTone(hertz) {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    if (!constraints.audio) return real(constraints);
    window.asked = constraints.audio;
    const context = new AudioContext({ sampleRate: 48_000 });
    await context.resume();
    const tone = new OscillatorNode(context, { frequency: hertz });
    const to = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    const gain = new GainNode(context, { gain: 0.3 });
    tone.connect(gain).connect(to);
    tone.start();
    window.microphone = { context, gain, to };
    return to.stream;
  };
}

/** How loud the tone of such a microphone is, from 0 to 1. */
export const sounds = (page, loud) => page.evaluate((value) => (window.microphone.gain.gain.value = value), loud);

/**
 * Such a microphone hears somebody who speaks, so many decibels below full scale: four syllables a second with pauses, each a
 * voice with its overtones and a sharp sound at its end. Nothing is above `below` hertz; what is louder than all is cut off.
 */
export const speaks = (page, { db = -20, below = 15_000 } = {}) =>
  page.evaluate(
    async ({ db, below }) => {
      const { context, to } = window.microphone;
      const rate = context.sampleRate;
      const offline = new OfflineAudioContext(1, 3 * rate, rate);
      const buffer = new AudioBuffer({ length: 3 * rate, sampleRate: rate });
      const swell = (at, from, to) => (at < from || at > to ? 0 : Math.sin((Math.PI * (at - from)) / (to - from)) ** 2);
      const samples = Float32Array.from({ length: 3 * rate }, (_, n) => {
        const [s, at] = [n / rate, ((4 * n) / rate) % 1];
        let voice = 0;
        for (const it of [1, 2, 3, 4, 6, 9]) voice += Math.sin(2 * Math.PI * 140 * it * s) / it;
        const strong = [1, 0.6, 0.8, 0.5][Math.floor(4 * s) % 4];
        return strong * (voice * swell(at, 0, 0.5) + 0.3 * (2 * Math.random() - 1) * swell(at, 0.45, 0.75));
      });
      buffer.copyToChannel(samples, 0);
      const source = new AudioBufferSourceNode(offline, { buffer });
      // As steep as a telephone's.
      const filters = Array.from({ length: 8 }, () => new BiquadFilterNode(offline, { type: 'lowpass', frequency: below, Q: 0 }));
      [source, ...filters, offline.destination].reduce((from, to) => from.connect(to));
      source.start();
      const filtered = (await offline.startRendering()).getChannelData(0);
      const power = filtered.reduce((sum, sample) => sum + sample * sample, 0) / filtered.length;
      const loud = 10 ** (db / 20) / Math.sqrt(power);
      const heard = new AudioBuffer({ length: filtered.length, sampleRate: rate });
      heard.copyToChannel(filtered.map((sample) => Math.max(-1, Math.min(1, loud * sample))), 0);
      window.microphone.speech?.stop();
      const speech = new AudioBufferSourceNode(context, { buffer: heard, loop: true });
      speech.connect(to);
      speech.start();
      window.microphone.speech = speech;
    },
    { db, below },
  );

/** Such a microphone hears nobody any more. */
export const fallsSilent = (page) => page.evaluate(() => window.microphone.speech?.stop());

/**
 * Keeps all that a page sends to its loudspeaker by Web Audio, as the audio thread renders it: a busy page loses none of it.
 * To be given to `addInitScript`; the page's policy must be bypassed.
 */
export function tapsTheLoudspeaker() {
  const connect = AudioNode.prototype.connect;
  const keeps = `registerProcessor('keeps', class extends AudioWorkletProcessor {
    #block = new Float32Array(4096);
    #at = 0;
    process([[channel]]) {
      this.#block.set(channel ?? new Float32Array(128), this.#at);
      this.#at += 128;
      if (this.#at < 4096) return true;
      this.port.postMessage(this.#block);
      this.#block = new Float32Array(4096);
      this.#at = 0;
      return true;
    }
  })`;
  const module = URL.createObjectURL(new Blob([keeps], { type: 'text/javascript' }));
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode && to.context instanceof AudioContext) {
      const kept = { context: to.context, rate: to.context.sampleRate, blocks: [] };
      window.loudspeaker = kept;
      to.context.audioWorklet.addModule(module).then(() => {
        const tap = new AudioWorkletNode(to.context, 'keeps', { channelCount: 1, channelCountMode: 'explicit' });
        tap.port.onmessage = ({ data }) => {
          kept.blocks.push(data);
          if (kept.blocks.length > 600) kept.blocks.shift();
        };
        connect.call(this, tap);
        // It runs only while it leads somewhere; what it sends there is silence.
        connect.call(tap, to);
      });
    }
    return connect.call(this, to, ...more);
  };
}

/**
 * How loud each tone is, window by window, over the last `seconds` that the page has let people hear: in decibels of full
 * scale, at -120 where there is nothing.
 */
export const heardOf = (page, tones, seconds, window_s = 0.02) =>
  page.evaluate(
    ({ tones, seconds, window_s }) => {
      const { rate, blocks } = window.loudspeaker ?? { rate: 48_000, blocks: [] };
      const wanted = Math.ceil((seconds * rate) / 4_096);
      const samples = Float32Array.from(blocks.slice(-wanted).flatMap((block) => [...block]));
      const length = Math.round(window_s * rate);
      return tones.map((hertz) => {
        const levels = [];
        // Goertzel's algorithm, under a Hann window: a neighbour's tone must not be taken for this one.
        const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / rate);
        for (let start = 0; start + length <= samples.length; start += length) {
          let [one, two] = [0, 0];
          for (let n = 0; n < length; n += 1) {
            const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / length);
            [one, two] = [samples[start + n] * hann + coefficient * one - two, one];
          }
          const power = one * one + two * two - coefficient * one * two;
          levels.push(Math.max(-120, 20 * Math.log10((4 * Math.sqrt(Math.max(0, power))) / length + 1e-9)));
        }
        return levels;
      });
    },
    { tones, seconds, window_s },
  );

/** A tone that is there, in decibels of full scale; what is quieter is not heard. */
export const AUDIBLE = -45;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? -120;

/** How loud each tone is just now, in decibels of full scale. */
export const levels = async (page, ...tones) => (await heardOf(page, tones, 0.6)).map(median);

export const isHeard = (page, hertz) =>
  until(async () => (await levels(page, hertz))[0] > AUDIBLE, { what: `${hertz} Hz is heard` });

export const isSilent = (page, hertz) =>
  until(async () => (await levels(page, hertz))[0] < AUDIBLE, { what: `${hertz} Hz is not heard` });
