/** Words of a delegation's desk. */

import { speaker } from '../base/speak';
import { withSecrets } from './common';

export const t = speaker({
  ...withSecrets,
  'desk-of': 'Desk of {delegation}',
  'tab-waiting': '({number}) {title}',
  'reading': 'Reading your link…',
  'connecting': 'Connecting to the server…',
  'lost': 'The connection to the server is lost. Letters you have given out stay good; here nothing can be done until it is back. Trying again by itself…',

  'stopped-title': 'This desk cannot be opened',
  'bad-link-none': 'The part of the link after the # sign is missing. It is a secret of your delegation; ask whoever keeps it to send it again, whole.',
  'bad-link': 'The link does not belong to this meeting, or it was not copied whole. ({why})',
  'bad-charter': 'The founding document that the server sent is not the one that your link names. Do not go on; tell the other sides over another channel. ({why})',
  'bad-program': 'This browser could not start the encryption. A current Chromium, Chrome, Edge or Firefox is needed. ({why})',
  'broke': 'The cryptography of this page failed. Nothing was sent. Reload the page. ({why})',
  'other-tab': 'This tab is a copy of one in which the desk is open. Go on there, or close it and try again.',
  'letter-link': 'This is one person’s link. It opens the meeting, not the desk.',
  'letter-join': 'Join the meeting with it',
  'taken': 'Somebody has already made the key of {delegation} with the delegation’s link, and it can be made only once. If it was one of yours, ask them for the desk’s own link. If it was none of you, tell the convener over another channel: a stranger then holds your place, and the meeting must be convened anew.',
  'adjourned': 'The meeting is adjourned. There is nothing left to do at this desk.',
  'try-again': 'Try again',
  'go-public': 'Open the public page',

  'offer-for': 'You open the desk of {delegation}.',
  'offer-what': 'The desk makes your delegation’s key, once: from then on this key alone says who speaks for {delegation}, and the link that you have opened is worth nothing.',
  'offer-keep': 'The key lives in the desk’s own link, which you get next. Nobody can make another, so keep it as you would keep a seal.',
  'offer-alone': 'For a delegation of one person no desk is needed: the same secret, opened as a link to join, takes you straight in.',
  'offer-do': 'Make the delegation’s key',
  'offer-making': 'Making the key…',

  'own-title': 'Keep the desk’s own link now',
  'own-again': 'The desk’s own link',
  'own-text': 'It is the only way back to this desk. Whoever has it speaks for {delegation}: put it where your delegation keeps its secrets, and give it to nobody else.',
  'own-link': 'Link of this desk',
  'own-kept': 'I have kept it',
  'unkept': 'This browser keeps nothing for a reload: to open this desk again you will need its own link.',

  'waiting': 'Waiting to be let in',
  'waiting-none': 'Nobody is waiting.',
  'waiting-instead': 'This is another device on a letter that is in use. If you let it in, the device that is there now loses its place.',
  'waiting-hint': 'Everybody in the meeting sees them wait, by name and role. Let in only whom you expect.',
  'admit': 'Let {name} in',
  'admit-instead': 'Let {name} in on this device instead',

  'mint': 'A letter for one person',
  'mint-hint': 'Each person of your delegation joins with a letter of their own, you too. It is a link; the name in it is what the others read.',
  'mint-name': 'Name',
  'mint-role': 'Role',
  'role-principal': 'principal',
  'role-adviser': 'adviser',
  'role-interpreter': 'interpreter',
  'role-secretary': 'secretary',
  'role-principal-what': 'Sees, hears and speaks, and decides for the delegation: moves to open, agrees, closes, adjourns.',
  'role-adviser-what': 'Sees, hears and speaks. Decides nothing.',
  'role-interpreter-what': 'Sees, hears and speaks. Decides nothing; is named as interpreter.',
  'role-secretary-what': 'Sees, hears and speaks. Decides nothing; is named as secretary.',
  'mint-ask': 'Must be let in from here',
  'mint-ask-what': 'For a link that travels badly, or until you have seen who comes.',
  'mint-at-once-what': 'The first device that opens the link enters at once; any other waits to be let in.',
  'mint-until': 'Valid until the end of',
  'mint-do': 'Make the letter',
  'mint-doing': 'Making the letter…',
  'name-missing': 'Enter the person’s name.',
  'name-long': 'This name is too long.',
  'until-wrong': 'Choose a day from today to {last}.',
  'minted-title': 'The letter of {name}',
  'minted-text': 'Hand this link to {name} and to nobody else: it is their credential.',

  'letters': 'Letters',
  'letters-none': 'No letter has been made yet.',
  'letter-link-of': 'Link of {name}',
  'letter-role': '{role}, valid until {day}',
  'letter-asks': 'must be let in',
  'letter-elsewhere': 'Made where the delegation’s link was used first; it has no link here.',
  'state-unused': 'Not used yet',
  'state-here': 'In the meeting',
  'state-away': 'Used, not here now',
  'state-revoked': 'Revoked',
  'state-expired': 'Expired',
  'revoke': 'Revoke…',
  'revoke-of': 'Revoke the letter of {name}',
  'revoke-title': 'Revoke the letter of {name}?',
  'revoke-here': '{name} is in the meeting and is put out of it at once, in sight of all.',
  'revoke-absent': '{name} can no longer join with it.',
  'revoke-text': 'The letter is dead for good, on every device. To let {name} in again you make a new one.',
  'revoke-do': 'Revoke it',
  'cancel': 'Keep it',

  'prints': 'Keys of the delegations',
  'prints-hint': 'Read yours to the other sides by telephone, and have them read theirs: if every screen shows the same digits, every side is who it says it is.',
  'print-none': 'Not yet there.',
  'print-yours': 'yours',

  'meaning-waiting': 'Connecting…',
  'meaning-convened': 'The sides have not met yet.',
  'meaning-closed': 'The sides meet in closed session.',
  'meaning-closing': 'The doors are being shut.',
  'meaning-open': 'The meeting is in public.',
  'meaning-adjourned': 'The meeting is over.',

  'say-waiting': '{name}, {role}, waits to be let in.',
  'say-instead': '{name} waits to be let in on another device.',
  'say-here': '{name} is in the meeting.',
  'say-gone': '{name} is no longer in the meeting.',
  'say-claimed': '{delegation} has its key now.',
  'say-minted': 'The letter of {name} is made.',
  'say-lost': 'The connection to the server is lost.',
  'say-back': 'The connection to the server is back.',
});

/** The word for a role; a newer server may know more of them. */
export function roleWord(role: string): string {
  switch (role) {
    case 'principal':
    case 'adviser':
    case 'interpreter':
    case 'secretary':
      return t(`role-${role}`);
    default:
      return role;
  }
}
