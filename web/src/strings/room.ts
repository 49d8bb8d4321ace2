/** Words of the device check and the room. */

import { speaker } from '../base/speak';
import { withSecrets } from './common';

export const t = speaker({
  ...withSecrets,
  'reading': 'Reading your link…',
  'bad-link-title': 'This link does not open the meeting',
  'bad-link-none': 'The part of the link after the # sign is missing. It is your delegation’s secret; ask whoever gave you the link to send it again, whole.',
  'bad-link': 'The link does not belong to this meeting, or it was not copied whole. ({why})',
  'bad-charter': 'The founding document that the server sent is not the one that your link names. Do not join; tell the other sides over another channel. ({why})',
  'bad-program': 'This browser could not start the encryption. A current Chromium, Chrome, Edge or Firefox is needed. ({why})',
  'bad-browser': 'This browser cannot encrypt picture and sound from end to end. A current Chromium, Chrome, Edge or Firefox is needed.',
  'other-tab': 'You have this meeting open in another tab of this browser. Go on there, or close it and try again.',
  'taken': 'Somebody has already used the link of {delegation}, and only its first use counts. If it was one of yours, ask your delegation’s desk for a letter: a link of your own. If it was none of you, tell the convener over another channel: a stranger then holds your place.',
  'expired': 'Your letter was valid until {day}, {time}. Ask your delegation for a new one.',
  'try-again': 'Try again',

  'you-are': 'You join for {delegation}',
  'you-are-named': 'You join for {delegation} as {name}, {role}',
  'letter-until': 'Your letter is valid until {day}, {time}.',
  'letter-asks': 'You will wait until your delegation lets you in. Everybody in the meeting sees your name meanwhile.',
  'first-use': 'You are the first to use your delegation’s link: this tab makes the delegation’s key. Others of your delegation then join with letters from its desk.',
  'unkept': 'This browser keeps nothing for a reload: to come back you will need your link again.',
  'unkept-key': 'This browser keeps nothing for a reload, and this tab has your delegation’s key. Keep the desk’s link before you reload or close it.',
  'other-sides': 'Also invited: {names}',
  'your-name': 'Your name',
  'your-name-hint': 'As the others, and in open parts the public, are to read it.',
  'name-missing': 'Enter your name first.',
  'name-long': 'This name is too long.',
  'join': 'Join the meeting',
  'return': 'Return to the meeting',
  'join-hint': 'Nobody outside sees or hears you unless every side has agreed to open, and you have agreed to appear.',
  'join-hint-chair': 'Nobody outside sees or hears you unless {chair} has opened the meeting and you have agreed to appear.',
  'join-neither': 'You will join without camera and microphone: you see and hear, and are not seen or heard.',
  'join-no-camera': 'You will join without a camera: you are heard, not seen.',
  'join-no-microphone': 'You will join without a microphone: you are seen, not heard.',

  'check-title': 'Camera and microphone',
  'camera': 'Camera',
  'microphone': 'Microphone',
  'loudspeaker': 'Loudspeaker',
  'use-camera': 'Use the camera',
  'use-microphone': 'Use the microphone',
  'preview': 'Your own picture',
  'level': 'Microphone level',
  'level-hint': 'Say a few words: the bar should move.',
  'plain-sound': 'I use a headset: send the sound unprocessed',
  'test-tone': 'Play a tone',
  'default-device': 'Chosen by the browser',
  'asking': 'The browser asks whether this page may use it. Allow it.',
  'camera-off': 'The camera is off',
  'camera-denied': 'The camera is blocked for this page. Press the icon at the left of the address bar, allow the camera, then try again.',
  'camera-absent': 'No camera was found. Connect one, then try again.',
  'camera-busy': 'Another program is using the camera. Close it, then try again.',
  'camera-insecure': 'Browsers allow the camera only on https addresses. Ask for the https address of this server.',
  'camera-failed': 'The camera could not be started. Unplug it and connect it again, then try again.',
  'microphone-denied': 'The microphone is blocked for this page. Press the icon at the left of the address bar, allow the microphone, then try again.',
  'microphone-absent': 'No microphone was found. Connect one, then try again.',
  'microphone-busy': 'Another program is using the microphone. Close it, then try again.',
  'microphone-insecure': 'Browsers allow the microphone only on https addresses. Ask for the https address of this server.',
  'microphone-failed': 'The microphone could not be started. Unplug it and connect it again, then try again.',

  'meaning-waiting': 'You are not in the meeting yet.',
  'meaning-closed': 'Only those in this room see and hear you.',
  'meaning-closing': 'The doors are moving. Nobody is heard.',
  'meaning-open': 'The public sees and hears you.',
  'meaning-held': 'Nothing is being sent.',
  'meaning-adjourned': 'The meeting is over.',
  'part-since': 'for {length}',

  'alarm-leak': 'This browser sent something that was not encrypted. Camera and microphone were stopped. Leave, and use another browser.',
  'alarm-silent': 'The encryption of this page has stopped. Nothing is sent or received. Reload the page.',
  'alarm-broke': 'The encryption of this page failed. Nothing is sent. Reload the page. ({why})',

  'lost-socket': 'The server cannot be reached. Trying again by itself…',
  'lost-media': 'Picture and sound are interrupted. They come back by themselves.',
  'blocked': 'Your network lets no picture or sound through: it blocks UDP, and this house has no relay to go round that. Try another network, such as a mobile phone’s. This page keeps trying.',
  'blocked-relay': 'Your network lets no picture or sound through: it blocks UDP, and the relay of this house cannot be reached either. Try another network, such as a mobile phone’s. This page keeps trying.',
  'sound-blocked': 'Turn sound on: the browser asks for a click',
  'connecting-media': 'Connecting picture and sound…',

  'mute': 'Mute',
  'unmute': 'Unmute',
  'stop-camera': 'Stop camera',
  'start-camera': 'Start camera',
  'microphone-is-off': 'You are muted',
  'controls': 'Controls',
  'key-mute': 'M',
  'key-camera': 'V',

  'move-open': 'Move to open…',
  'close-doors': 'Close the doors',
  'adjourn': 'Adjourn…',
  'appear': 'Appear in public',
  'leave': 'Leave',
  'details': 'People and code',

  'open-title': 'Open the meeting to the public?',
  'open-what': 'Once every side has agreed, anyone with the public link sees and hears, live, whoever has agreed to appear: picture, sound, name and delegation. The names of all in the room are shown.',
  'open-what-chair': 'By the charter you open alone. Anyone with the public link then sees and hears, live, whoever has agreed to appear: picture, sound, name and delegation. The names of all in the room are shown.',
  'open-chair': 'The doors open as soon as you move it. Nobody else is asked; whoever does not choose to appear is neither seen nor heard.',
  'open-when': 'It begins at the moment the lamp turns to “Open”, and ends when any side closes the doors. What was said before stays closed.',
  'open-when-chair': 'It begins at the moment the lamp turns to “Open”, and ends when {chair}, as chair, closes the doors; if nobody of {chair} is in the room, any side can. What was said before stays closed.',
  'open-who': 'Must agree: {names}.',
  'open-alone': 'No other side is present. The doors open as soon as you move it.',
  'open-item': 'For agenda item',
  'open-do': 'Move to open',
  'not-now': 'Not now',

  'moved-open': 'You moved to open. Still to agree: {names}.',
  'moved-open-by': '{name} moved to open the meeting.',
  'moved-lapses': 'The motion lapses in {seconds} s.',
  'consent-title': 'Open the meeting to the public?',
  'consent-by': '{name} ({delegation}) moves to open the meeting for item {number}, {title}.',
  'consent-yours': 'It opens only if every side agrees. You answer for {delegation}.',
  'consent-others': 'Also still to agree: {names}.',
  'take-up-open': 'Take up in public…',
  'take-up-closed': 'Close the doors and take up',
  'consent-do': 'Agree to open',
  'consent-hold': 'With the keyboard: hold Enter for a second.',
  'consent-later': 'Keep the doors closed',
  'consent-answer': 'Answer…',

  'adjourn-title': 'Adjourn the meeting?',
  'adjourn-text': 'The meeting ends for everybody, at once and for good. It cannot be resumed under these links.',
  'adjourn-do': 'Adjourn for everybody',
  'cancel': 'Go on',

  'code': 'The code of this meeting',
  'code-hint': 'Read it aloud to one another, digits or words. When every side reads the same, nobody sits between you.',
  'code-none': 'There is a code once the others have confirmed.',
  'fingerprints': 'Keys of the delegations',
  'fingerprints-hint': 'Compare them with the other sides by telephone. They stay the same throughout the meeting.',
  'fingerprint-none': 'Not here yet.',
  'desk': 'Your delegation’s desk',
  'desk-text': 'This tab has the key of {delegation}. At the desk you make letters for your people, let them in and revoke them. Keep its link: without it, closing this tab loses your delegation’s place.',
  'desk-open': 'Open the desk',
  'desk-link': 'Link of the desk',
  'lobby': 'Waiting to be let in',
  'lobby-note': 'Waiting to be let in: {names}.',
  'lobby-show': 'Show',
  'lobby-admit': 'Let {name} in',
  'lobby-instead': 'This letter is in use on another device, which would lose its place.',
  'people': 'In the room',
  'role-principal': 'principal',
  'role-adviser': 'adviser',
  'role-interpreter': 'interpreter',
  'role-secretary': 'secretary',
  'me': 'you',
  'away': 'connection lost',
  'unconfirmed': 'not yet confirmed',
  'absent': 'not in the room',

  'stage': 'Pictures',
  'alone': 'You are the first here. The others appear when they join.',
  'no-picture': 'No picture',
  'picture-of': 'Picture of {name}, {delegation}',
  'own-picture': 'You',

  'left-title': 'You have left the meeting',
  'left-text': 'The others go on without you. As long as this page stays open you can return from here; once it is closed or reloaded you need your link again.',
  'left-key': 'This page still has the key of {delegation}, and it is nowhere else unless you have kept the desk’s link.',
  'wait-title': 'You are waiting to be let in',
  'wait-you': '{name}, {role}, {delegation}',
  'wait-who': 'Whoever is at the desk of {delegation} lets you in. Everybody in the meeting sees that you wait. This page goes on by itself.',
  'wait-instead': 'Your letter is in use on another device. If you are let in here, that device loses its place.',
  'over-title': 'The meeting is adjourned',
  'over-text': 'The public page shows how long it lasted and how much of it was open.',
  'go-public': 'Open the public page',
  'gone-title': 'You are no longer in the meeting',

  'say-lamp': '{word}. {meaning}',
  'say-joined': '{name}, {delegation}, has joined.',
  'say-gone': '{name} has left.',
  'say-waiting': '{name}, {delegation}, waits to be let in.',
  'say-motion': '{name} moves to open the meeting to the public. Your delegation is asked to agree.',
  'say-muted': 'Microphone off.',
  'say-unmuted': 'Microphone on.',
  'say-camera-off': 'Camera off.',
  'say-camera-on': 'Camera on.',
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

/** From when the public sees and hears, and until when: said to whoever opens and to whoever is asked. */
export function openWhen(delegations: readonly { name: string }[], closingChair: number | null): string {
  if (closingChair === null) return t('open-when');
  return t('open-when-chair', { chair: delegations[closingChair]?.name ?? '' });
}
