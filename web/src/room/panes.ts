/** What stands beside the pictures, and the key that brings it there. Pure. */

export const PANES = { details: 'E', chat: 'K', aside: 'J', documents: 'D', equipment: 'U' } as const;

export type Pane = keyof typeof PANES;

const isPane = (name: string): name is Pane => name in PANES;

export const paneAt = (sign: string): Pane | undefined =>
  Object.entries(PANES).flatMap(([pane, key]) => (key === sign && isPane(pane) ? [pane] : []))[0];
