/** What the server and the encryption say, in the words of the page. */

import type { ErrorCode } from '../protocol/ErrorCode';
import { language, speaker } from '../words/speak';

const t = speaker('house');

/** By code. A newer server may know more of them. */
const codes = {
  malformed: 'malformed',
  too_large: 'too-large',
  too_many: 'too-many',
  not_found: 'not-found',
  house_key: 'house-key',
  charter: 'charter',
  credential: 'credential',
  slot_taken: 'slot-taken',
  letter_expired: 'letter-expired',
  letter_in_use: 'letter-in-use',
  letter_revoked: 'letter-revoked',
  proof: 'proof',
  not_a_member: 'not-a-member',
  stale_epoch: 'stale-epoch',
  not_allowed: 'not-allowed',
  handshake: 'handshake',
  media: 'media',
  adjourned: 'adjourned',
  full: 'full',
  unavailable: 'unavailable',
  internal: 'internal',
} as const satisfies Record<ErrorCode, string>;

/**
 * By sentence, where what comes has no code, or says more than that: as `crates/seal`, `crates/meeting` and, of documents, `crates/server` write them (a test compares). `*`
 * stands for what differs: a name, a reason.
 */
export const sentences = {
  'This could not be read.': 'malformed',
  'The * is too long, or there are too many.': 'too-large',
  'This charter is not valid: *.': 'charter',
  'This is not the charter that the link names. Somebody may have altered it; do not go on.': 'charter-altered',
  'This letter of credence is not valid for this meeting: *.': 'credential',
  'This delegation has already been claimed by another device. If that was not you, tell the convener.': 'slot-taken',
  'This letter of credence has expired. Ask your delegation for a new one.': 'letter-expired',
  'This letter of credence is in use on another device.': 'letter-in-use',
  'This letter of credence has been revoked by its delegation.': 'letter-revoked',
  'Your delegation has to let you in first.': 'not-let-in',
  'You are not a member of this meeting.': 'not-a-member',
  'The meeting has moved on; please try again.': 'stale-epoch',
  'Your role does not allow this.': 'role',
  'This cannot be done now.': 'phase',
  'This meeting reports to the public before it ends: open the doors first, and adjourn it there.': 'report-due',
  'Not every delegation has consented.': 'consent-missing',
  'The motion or a consent is not valid: *.': 'motion',
  'You cannot speak to your delegation alone now: *.': 'whisper-refused',
  'What the house has given is not the document that was offered. Nothing of it is shown.': 'document-altered',
  'This device has no key to this document any more. Ask whoever offered it to offer it again.': 'document-keyless',
  'The part for which this document was meant is over. Offer it again if it is meant for this one.': 'document-part',
  'The file has changed while it was read. Please choose it again.': 'document-changed',
  'You offer as much as one may. Take a document back first.': 'document-mine-full',
  'Your delegation offers as much as it may. One of you has to take a document back first.': 'document-ours-full',
  'This house keeps as many documents as it may.': 'document-house-full',
  'The document came too slowly. Nothing of it was kept; please try again on a better line.': 'document-slow',
  'This document is not in this house, or not any more.': 'document-gone',
  'This text cannot be published: *.': 'text',
  'This change to the group is not allowed: *.': 'handshake',
  'The meeting is adjourned.': 'adjourned',
  'Waiting for your delegation to let you in.': 'wait-let-in',
  'Connecting to the server.': 'wait-server',
  'Waiting to be let in by those who are already here.': 'wait-others',
  'The close has not been confirmed yet. Nobody is heard until it is.': 'close-unconfirmed',
  'The server cannot be reached. Nobody hears you until it can.': 'cut-off',
  'Nothing has come from the others for ten seconds. Nobody hears you until it does.': 'silence',
  'This part is public. You are neither seen nor heard until you choose to appear.': 'backstage',
  'The public cannot hear this part. Nobody is heard until it can.': 'paused',
  'The server has passed on a change that this meeting does not allow.': 'alarm-change',
  '* sees another group than this device.': 'alarm-group',
  '* has seen another course of this meeting than this device.': 'alarm-course',
  'A member has seen another course of this meeting than you have.': 'another-course',
  'The disclosed keys are not signed by their sender.': 'keys-unsigned',
  'This cannot be done in the booth: *.': 'booth-refused',
  'This cannot be a recording of this meeting: *.': 'recording-refused',
  'This link does not belong to this meeting. Ask for it again, and copy all of it.': 'link-other',
  "This is the link of a delegation's desk. Open it to mint a letter for yourself, and join with that.": 'link-desk',
  "This is a person's link, not that of a delegation's desk.": 'link-person',
  'What this tab kept of the meeting cannot be read. Open your link again.': 'saved-unreadable',
  'Something went wrong in this software (*).': 'own-fault',
  'The record of this house tells another story than the one I saw: *. I have not countersigned it.': 'record-differs',
} as const;

/** What every alarm ends with. */
export const ALARM = ' Either the server or a member deceives. Nothing is sent. Ask the others by another way, and reload.';

/** In English the sentence as it came; in other languages the page's own for it, and where there is none the English. */
export function inOurWords(sentence: string, code = ''): string {
  if (language() === 'en' && sentence !== '') return sentence;
  const plain = sentence.endsWith(ALARM) ? sentence.slice(0, -ALARM.length) : sentence;
  for (const [known, id] of Object.entries(sentences)) {
    const [before = '', after = ''] = known.split('*');
    const fits = known.includes('*')
      ? plain.startsWith(before) && plain.endsWith(after) && plain.length > known.length
      : plain === known;
    if (!fits) continue;
    const part = plain.slice(before.length, plain.length - after.length);
    return t(id, { name: part, why: part });
  }
  return isCode(code) ? t(codes[code]) : sentence;
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(codes, code);
