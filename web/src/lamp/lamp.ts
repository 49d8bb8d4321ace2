/** The state in sight: one word, one colour, one shape, the same in the room, on the public page and in the tab. */

export type LampState = 'waiting' | 'convened' | 'closed' | 'closing' | 'open' | 'held' | 'adjourned';

/** The paths are drawn in a box of 24 by 24, so that page and favicon share them. */
export interface Look {
  tone: 'idle' | 'closed' | 'alert' | 'open';
  /** Filled. */
  solid: string;
  /** Drawn as a line of 2. */
  outline: string;
}

const circle = (r: number): string => `M${12 - r} 12a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;

const looks: Record<LampState, Look> = {
  // A ring, with nothing in it yet.
  waiting: { tone: 'idle', solid: '', outline: circle(8) },
  convened: { tone: 'idle', solid: '', outline: circle(8) },
  // A shut door: a full square.
  closed: { tone: 'closed', solid: 'M4 3h16v18H4z', outline: '' },
  // Two leaves that move together.
  closing: { tone: 'alert', solid: 'M3 3h4l4 9-4 9H3zM21 3h-4l-4 9 4 9h4z', outline: '' },
  // A source that is heard all around.
  open: { tone: 'open', solid: circle(5), outline: circle(10) },
  // The octagon of a stop sign, with the bars of a pause cut out.
  held: { tone: 'alert', solid: 'M8 2h8l6 6v8l-6 6H8l-6-6V8zM9 7v10h2V7zM13 7v10h2V7z', outline: '' },
  // A line drawn under it.
  adjourned: { tone: 'idle', solid: 'M3 10h18v4H3z', outline: '' },
};

export const lookOf = (lamp: LampState): Look => looks[lamp];

const tones: Record<Look['tone'], { ground: string; figure: string }> = {
  idle: { ground: '#5d6167', figure: '#ffffff' },
  closed: { ground: '#17405c', figure: '#ffffff' },
  alert: { ground: '#f2bd42', figure: '#1c1e22' },
  open: { ground: '#a81f15', figure: '#ffffff' },
};

/** The lamp as an icon for the tab. */
export function iconOf(lamp: LampState): string {
  const { tone, solid, outline } = lookOf(lamp);
  const { ground, figure } = tones[tone];
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 32 32"><rect x="-4" y="-4" width="32" height="32" rx="5" fill="${ground}"/>` +
    (solid && `<path d="${solid}" fill="${figure}" fill-rule="evenodd"/>`) +
    (outline && `<path d="${outline}" fill="none" stroke="${figure}" stroke-width="2.5"/>`) +
    `</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** Puts the lamp on the tab. */
export function showOnTab(lamp: LampState, title: string): void {
  document.title = title;
  let link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!link) {
    link = document.createElement('link');
    link.rel = 'icon';
    document.head.append(link);
  }
  const icon = iconOf(lamp);
  if (link.href !== icon) link.href = icon;
}
