/** Decoders for what the server says to the public. The types themselves are generated from the protocol crate. */

import type { Disclosure } from '../protocol/Disclosure';
import type { ErrorBody } from '../protocol/ErrorBody';
import type { GalleryMessage } from '../protocol/GalleryMessage';
import type { PublicMeeting } from '../protocol/PublicMeeting';
import type { OtherHouse } from '../protocol/OtherHouse';
import type { PublicState } from '../protocol/PublicState';
import type { Relay } from '../protocol/Relay';
import { type Decoder, flag, list, nullable, number, oneOf, shape, tagged, text } from './decode';

export const publicState: Decoder<PublicState> = shape<PublicState>({
  meeting: text,
  title: text,
  delegations: list(shape({ name: text, key: nullable(text) })),
  agenda: list(shape({ title: text, public: flag, ground: text })),
  phase: oneOf('convened', 'closed', 'open', 'closing', 'adjourned'),
  part: number,
  item: nullable(number),
  since_ms: number,
  convened_at_ms: number,
  started_at_ms: nullable(number),
  adjourned_at_ms: nullable(number),
  parts: list(
    shape({
      number,
      open: flag,
      item: nullable(number),
      started_at_ms: number,
      ended_at_ms: nullable(number),
    }),
  ),
  present: list(shape({ leaf: number, name: text, delegation: number, role: text })),
  announcements: list(
    shape({ version: number, at_ms: number, starts_at_ms: number, minutes: number, place: text, public_from_ms: number }),
  ),
  published: number,
  reports: flag,
  pauses: flag,
  attended: list(shape({ name: text, delegation: number, role: text })),
  unheard_since_ms: nullable(number),
  from_house: nullable(shape<OtherHouse>({ name: text, key: text })),
});

export const publicMeeting: Decoder<PublicMeeting> = shape<PublicMeeting>({
  charter: text,
  state: publicState,
  recorded: flag,
});

const disclosures: Decoder<Disclosure[]> = list(shape({ kid: text, enc_key: text, salt: text }));

export const relay: Decoder<Relay> = shape<Relay>({ urls: list(text), username: text, credential: text });

export const galleryMessage: Decoder<GalleryMessage> = tagged<GalleryMessage>({
  relay: shape({ relay }),
  here: shape({ ticket: text, instance: text, state: publicState, keys: disclosures }),
  state: shape({ state: publicState }),
  disclosed: shape({ keys: disclosures }),
  signer: shape({ credential: text }),
  digest: shape({ digest: text }),
  // A tile is named by the keys of its frames, never by this.
  slots: shape({ slots: () => [] }),
  channels: shape({ channels: list(shape({ language: text, voice: nullable(number) })) }),
});

/** The code stays text: a newer server may know more of them. */
export const errorBody: Decoder<{ code: string; message: string }> = shape<
  Record<keyof ErrorBody, string>
>({ code: text, message: text });
