/**
 * No browser receives simulcast. So the far side is shown one media line for each layer, and takes the layer's name for
 * the line's: the header extension that carries the one is declared as that of the other. Nothing is done to the packets.
 */

const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const RID = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id';

const sectionsOf = (sdp: string): string[] => sdp.split(/(?=^m=)/m);

const extensionId = (sdp: string, uri: string): string =>
  sdp.match(new RegExp(`^a=extmap:(\\d+)(?:/\\w+)? ${uri}\\s*$`, 'm'))?.[1] ?? '';

const midOf = (section: string): string => section.match(/^a=mid:(\S+)/m)?.[1] ?? '';

const without = (section: string, ...starts: string[]): string =>
  section
    .split('\r\n')
    .filter((line) => !starts.some((start) => line.startsWith(start)))
    .join('\r\n');

/** An offer of one camera in layers as the far side gets it. */
export function offerOfLayers(offer: string): { sdp: string; rids: string[] } {
  const [session = '', section = ''] = sectionsOf(offer);
  const rids = (section.match(/^a=simulcast:send (\S+)/m)?.[1] ?? '').split(';');
  const id = extensionId(section, RID);
  const plain = without(section, 'a=simulcast:', 'a=rid:', 'a=ssrc', 'a=msid:', `a=extmap:${id} `, 'a=extmap:' + extensionId(section, MID) + ' ')
    .split('\r\n')
    .filter((line) => !line.includes('repaired-rtp-stream-id'))
    .join('\r\n');
  const lines = rids.map((rid) =>
    plain.replace(/^a=mid:.*$/m, `a=mid:${rid}`.concat(`\r\na=extmap:${id} ${MID}`)),
  );
  const named = session.replace(/^a=group:BUNDLE.*$/m, `a=group:BUNDLE ${rids.join(' ')}`);
  return { sdp: named + lines.join(''), rids };
}

/** The far side's answer as the sender gets it: one line, with layers. */
export function answerToLayers(answer: string, offer: string, rids: readonly string[]): string {
  const [session = '', first = ''] = sectionsOf(answer);
  const [, section = ''] = sectionsOf(offer);
  const mid = midOf(section);
  const back = without(first, 'a=ssrc', `a=extmap:${extensionId(first, MID)} `).replace(
    /^a=mid:.*$/m,
    [
      `a=mid:${mid}`,
      `a=extmap:${extensionId(section, MID)} ${MID}`,
      `a=extmap:${extensionId(section, RID)} ${RID}`,
      ...rids.map((rid) => `a=rid:${rid} recv`),
      `a=simulcast:recv ${rids.join(';')}`,
    ].join('\r\n'),
  );
  return session.replace(/^a=group:BUNDLE.*$/m, `a=group:BUNDLE ${mid}`) + back;
}
