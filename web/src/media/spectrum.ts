/** What of a sound is how high. Pure. */

/** The power of samples above a frequency, of full scale; as many of them as a power of two. */
export function powerAbove(samples: Float32Array, rate: number, hertz: number): number {
  const { length } = samples;
  // Under a Hann window: what is strong and low must not spill over.
  const real = samples.map((sample, n) => sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / length)));
  const imaginary = new Float32Array(length);
  transform(real, imaginary);
  let power = 0;
  for (let bin = Math.ceil((hertz * length) / rate); bin < length / 2; bin += 1) {
    power += at(real, bin) ** 2 + at(imaginary, bin) ** 2;
  }
  // Both halves of the spectrum; three eighths is what the window leaves.
  return (2 * power) / (length * length * 0.375);
}

/** Within the arrays by the bounds of every loop here. */
const at = (values: Float32Array, index: number): number => values[index] ?? 0;

/** The Fourier transform in place: Cooley and Tukey's, by twos. */
function transform(real: Float32Array, imaginary: Float32Array): void {
  const { length } = real;
  for (let n = 1, to = 0; n < length; n += 1) {
    let bit = length >> 1;
    for (; to & bit; bit >>= 1) to ^= bit;
    to ^= bit;
    if (n < to) {
      [real[n], real[to]] = [at(real, to), at(real, n)];
      [imaginary[n], imaginary[to]] = [at(imaginary, to), at(imaginary, n)];
    }
  }
  for (let half = 1; half < length; half *= 2) {
    for (let turn = 0; turn < half; turn += 1) {
      const [cos, sin] = [Math.cos((Math.PI * turn) / half), -Math.sin((Math.PI * turn) / half)];
      for (let one = turn; one < length; one += 2 * half) {
        const two = one + half;
        const r = at(real, two) * cos - at(imaginary, two) * sin;
        const i = at(real, two) * sin + at(imaginary, two) * cos;
        real[two] = at(real, one) - r;
        imaginary[two] = at(imaginary, one) - i;
        real[one] = at(real, one) + r;
        imaginary[one] = at(imaginary, one) + i;
      }
    }
  }
}
