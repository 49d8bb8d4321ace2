// From a mouth to an ear, through the whole product: what a page hears and sees is made in it, what comes out elsewhere is
// taken from where the page gives it to the loudspeaker and the screen. Both note the time by the machine's own clock, so
// what the machine's sound devices add is not in it.

/**
 * The microphone hears what `window.mouth` says, or short beeps, each with a flash before the camera. To be given to
 * `addInitScript`; the page's policy must be bypassed.
 */
export function speaks() {
  const says = `registerProcessor('says', class extends AudioWorkletProcessor {
    #tone = null; #frame = 0; #phase = 0;
    constructor() { super(); this.port.onmessage = ({ data }) => { this.#tone = data; this.#frame = 0; }; }
    process(_, [[out]]) {
      const tone = this.#tone;
      if (!tone) return true;
      if (this.#frame === 0) this.port.postMessage(Date.now());
      const length = Math.round(tone.seconds * sampleRate);
      for (let n = 0; n < out.length && this.#frame < length; n += 1, this.#frame += 1) {
        // A sweep grows in equal steps of pitch; a tone is one that ends where it begins.
        const hertz = tone.from * (tone.to / tone.from) ** (this.#frame / length);
        this.#phase += (2 * Math.PI * hertz) / sampleRate;
        const edge = Math.min(1, this.#frame / 48, (length - this.#frame) / 48);
        out[n] = tone.gain * edge * Math.sin(this.#phase);
      }
      if (this.#frame >= length) this.#tone = null;
      return true;
    }
  })`;
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 640, height: 360 });
  const picture = canvas.getContext('2d');
  let flash = false;
  let drawn = null;
  const paint = () => {
    picture.fillStyle = flash ? '#fff' : '#000';
    picture.fillRect(0, 0, 640, 360);
    // Something moves, as before every camera.
    picture.fillStyle = '#777';
    picture.fillRect((Date.now() / 10) % 600, 340, 40, 20);
    if (flash && drawn !== null) {
      drawn(Date.now());
      drawn = null;
    }
  };
  const microphone = (async () => {
    const context = new AudioContext({ sampleRate: 48_000 });
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([says], { type: 'text/javascript' })));
    const node = new AudioWorkletNode(context, 'says', { numberOfInputs: 0, outputChannelCount: [1] });
    const to = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    node.connect(to);
    /** Says a tone or a sweep; gives when its first sample left. */
    window.mouth = async (tone) => {
      await context.resume();
      return new Promise((resolve) => {
        node.port.onmessage = ({ data }) => resolve(data);
        node.port.postMessage(tone);
      });
    };
    return to.stream;
  })();
  /** A beep and a flash; gives when each left. */
  window.claps = async (hertz) => {
    const shown = new Promise((resolve) => (drawn = resolve));
    flash = true;
    const said = window.mouth({ from: hertz, to: hertz, seconds: 0.06, gain: 0.5 });
    paint();
    setTimeout(() => (flash = false), 120);
    return { said: await said, shown: await shown };
  };
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const tracks = constraints.audio ? (await microphone).getAudioTracks().map((track) => track.clone()) : [];
    if (constraints.video) {
      setInterval(paint, 1_000 / 30);
      tracks.push(...canvas.captureStream(30).getVideoTracks());
    }
    return new MediaStream(tracks);
  };
}

/**
 * Notes in `window.ear` all that the page sends to its loudspeaker by Web Audio, each block with the time at which it was
 * rendered, and in `window.flashes` when a picture that it shows turned bright. To be given to `addInitScript`.
 */
export function listens() {
  const connect = AudioNode.prototype.connect;
  const keeps = `registerProcessor('ear', class extends AudioWorkletProcessor {
    #block = new Float32Array(960); #at = 0; #when = 0;
    process([[channel]]) {
      const samples = channel ?? new Float32Array(128);
      for (const sample of samples) {
        if (this.#at === 0) this.#when = Date.now();
        this.#block[this.#at++] = sample;
        if (this.#at < 960) continue;
        this.port.postMessage({ at: this.#when, samples: this.#block });
        this.#block = new Float32Array(960); this.#at = 0;
      }
      return true;
    }
  })`;
  const module = URL.createObjectURL(new Blob([keeps], { type: 'text/javascript' }));
  window.ear = [];
  window.flashes = [];
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode && to.context instanceof AudioContext) {
      window.ear.rate = to.context.sampleRate;
      window.ear.latency_ms = () => 1_000 * (to.context.baseLatency + (to.context.outputLatency || 0));
      to.context.audioWorklet.addModule(module).then(() => {
        const tap = new AudioWorkletNode(to.context, 'ear', { channelCount: 1, channelCountMode: 'explicit' });
        tap.port.onmessage = ({ data }) => {
          window.ear.push(data);
          if (window.ear.length > 3_000) window.ear.shift();
        };
        connect.call(this, tap);
        connect.call(tap, to);
      });
    }
    return connect.call(this, to, ...more);
  };
  /** Watches one picture of the page. */
  window.watches = (video) => {
    const canvas = new OffscreenCanvas(16, 9);
    const small = canvas.getContext('2d', { willReadFrequently: true });
    let bright = false;
    const look = (_, { expectedDisplayTime }) => {
      small.drawImage(video, 0, 0, 16, 9);
      const is = small.getImageData(8, 3, 1, 1).data[0] > 128;
      if (is && !bright) window.flashes.push(performance.timeOrigin + expectedDisplayTime);
      bright = is;
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  };
}

/** When a tone first rose in what the page let people hear since `since`, by the machine's clock; null if it did not. */
export const roseAt = (page, hertz, since) =>
  page.evaluate(
    ({ hertz, since }) => {
      const { rate } = window.ear;
      const blocks = window.ear.filter(({ at }) => at >= since);
      const length = 96;
      const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / rate);
      for (const { at, samples } of blocks) {
        for (let start = 0; start + length <= samples.length; start += length) {
          let [one, two] = [0, 0];
          for (let n = 0; n < length; n += 1) [one, two] = [samples[start + n] + coefficient * one - two, one];
          const level = (2 * Math.sqrt(Math.max(0, one * one + two * two - coefficient * one * two))) / length;
          if (level > 0.1) return at + (1_000 * start) / rate;
        }
      }
      return null;
    },
    { hertz, since },
  );

/** The loudest level of a tone between two times, in decibels of full scale. */
export const levelOf = (page, hertz, from, to) =>
  page.evaluate(
    ({ hertz, from, to }) => {
      const samples = Float32Array.from(
        window.ear.filter(({ at }) => at >= from && at < to).flatMap((block) => [...block.samples]),
      );
      const length = 2 * Math.round(window.ear.rate / 20);
      const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / window.ear.rate);
      let most = 0;
      for (let start = 0; start + length <= samples.length; start += length / 2) {
        let [one, two] = [0, 0];
        for (let n = 0; n < length; n += 1) {
          const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / length);
          [one, two] = [samples[start + n] * hann + coefficient * one - two, one];
        }
        most = Math.max(most, one * one + two * two - coefficient * one * two);
      }
      return 20 * Math.log10((4 * Math.sqrt(most)) / length + 1e-9);
    },
    { hertz, from, to },
  );

/** The loudness of everything in pieces of `seconds` between two times, in decibels of full scale. */
export const envelopeOf = (page, from, to) =>
  page.evaluate(
    ({ from, to }) => ({
      seconds: 480 / window.ear.rate,
      levels: window.ear
        .filter(({ at }) => at >= from && at < to)
        .flatMap(({ samples }) => [samples.subarray(0, 480), samples.subarray(480)])
        .map((part) => 10 * Math.log10((2 * part.reduce((sum, sample) => sum + sample * sample, 0)) / part.length + 1e-12)),
    }),
    { from, to },
  );
