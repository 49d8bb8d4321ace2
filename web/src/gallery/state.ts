/** What the public page knows: a pure reducer over what the server pushes. */

import type { Disclosure } from '../protocol/Disclosure';
import type { GalleryMessage } from '../protocol/GalleryMessage';
import type { PublicChannel } from '../protocol/PublicChannel';
import type { PublicState } from '../protocol/PublicState';
import type { Relay } from '../protocol/Relay';

export interface GalleryState {
  /** The socket is up and the server has spoken. */
  live: boolean;
  meeting: PublicState | null;
  ticket: string;
  /** The house's relay, if it has one. */
  relay: Relay | null;
  /** Which run of the server. */
  instance: string;
  /** Grows when the media connection must be made anew, because the server knows nothing of the old one. */
  generation: number;
  /** What is disclosed for the part that runs; empty when none does. */
  keys: readonly Disclosure[];
  /** The chains of those who sign what they send, in the order in which they came. */
  signers: readonly string[];
  /** The language channels of the meeting, and who is on the air in them as the house says. */
  channels: readonly PublicChannel[];
}

export const nothingYet: GalleryState = {
  live: false,
  meeting: null,
  ticket: '',
  relay: null,
  instance: '',
  generation: 0,
  keys: [],
  signers: [],
  channels: [],
};

/** Everybody who can be in the largest group. */
const SIGNERS_MAX = 1_000;

export type GalleryEvent = GalleryMessage | { type: 'down' } | { type: 'read'; state: PublicState };

export function step(state: GalleryState, event: GalleryEvent): GalleryState {
  switch (event.type) {
    case 'read':
      // The page's first question; the socket may have answered before.
      return state.meeting ? state : { ...state, meeting: event.state };
    case 'relay':
      return { ...state, relay: event.relay };
    case 'here':
      return {
        ...state,
        live: true,
        meeting: event.state,
        ticket: event.ticket,
        instance: event.instance,
        generation: event.instance === state.instance ? state.generation : state.generation + 1,
        keys: isPublic(event.state) ? event.keys : [],
        signers: [],
      };
    case 'state':
      // While the doors close, the last frames said in public are still on their way.
      return { ...state, meeting: event.state, keys: isPublic(event.state) ? state.keys : [] };
    case 'channels':
      return { ...state, channels: event.channels };
    case 'disclosed':
      return { ...state, keys: [...state.keys, ...event.keys] };
    case 'signer':
      return { ...state, signers: [...state.signers, event.credential].slice(-SIGNERS_MAX) };
    // It is for whoever watches at this moment, and is not kept.
    case 'digest':
    case 'slots':
      return state;
    case 'down':
      return { ...state, live: false };
    default:
      return event satisfies never;
  }
}

const isPublic = ({ phase }: PublicState): boolean => phase === 'open' || phase === 'closing';

export interface Course {
  total_ms: number;
  open_ms: number;
}

/** How long the meeting has lasted, and how much of it was open. */
export function courseOf(meeting: PublicState, now_ms: number): Course {
  const end_ms = meeting.adjourned_at_ms ?? now_ms;
  const start_ms = meeting.started_at_ms ?? end_ms;
  let open_ms = 0;
  for (const part of meeting.parts) {
    if (part.open) open_ms += Math.max(0, (part.ended_at_ms ?? end_ms) - part.started_at_ms);
  }
  return { total_ms: Math.max(0, end_ms - start_ms), open_ms };
}
