/** The list of recordings, as the recorder writes it. */

import { locale } from '../words/speak';
import { type Decoder, flag, list, nullable, number, shape, text } from '../base/decode';

export interface Take {
  file: string;
  bytes: number;
  sha256: string;
  name: string;
  delegation: number | null;
  pictures: number;
}

export interface Recording {
  part: number;
  piece: number;
  offset_ms: number;
  length_ms: number;
  to_the_end: boolean;
  sealed: Take;
  takes: Take[];
}

const take: Decoder<Take> = shape<Take>({
  file: text,
  bytes: number,
  sha256: text,
  name: text,
  delegation: nullable(number),
  pictures: number,
});

export const recordings: Decoder<{ recordings: Recording[] }> = shape<{ recordings: Recording[] }>({
  recordings: list(
    shape<Recording>({
      part: number,
      piece: number,
      offset_ms: number,
      length_ms: number,
      to_the_end: flag,
      sealed: take,
      takes: list(take),
    }),
  ),
});

/** "1:02:03", "2:03". */
export function position(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** "3.4 MB". */
export function size(bytes: number): string {
  const small = bytes < 1_000_000;
  const said = new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: small ? 'kilobyte' : 'megabyte',
    maximumFractionDigits: 1,
  });
  return said.format(small ? Math.ceil(bytes / 1_000) : bytes / 1_000_000);
}
