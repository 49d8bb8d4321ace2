/** The list of recordings, as the house serves it. */

import { type Decoder, flag, list, nullable, number, shape, text } from '../base/decode';
import type { Recording } from '../protocol/Recording';
import type { Recordings } from '../protocol/Recordings';
import type { Take } from '../protocol/Take';

const take: Decoder<Take> = shape<Take>({
  file: text,
  bytes: number,
  sha256: text,
  name: text,
  delegation: nullable(number),
  screen: flag,
  sound: number,
  pictures: number,
});

const recording: Decoder<Recording> = shape<Recording>({
  part: number,
  piece: number,
  offset_ms: number,
  length_ms: number,
  to_the_end: flag,
  shut: number,
  sealed: take,
  takes: list(take),
});

export const recordings: Decoder<Recordings> = shape<Recordings>({ meeting: text, recordings: list(recording) });

/** "1:02:03", "2:03". */
export function position(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
