/** What the page says of this moment: the lamp, the words under the title, who is there. */

import { calendarDay, clockTime, duration } from '../base/format';
import { lookOf } from '../lamp/lamp';
import type { PublicState } from '../protocol/PublicState';
import { t } from '../strings/gallery';
import { inWords } from './countdown';
import { drawing, h } from './dom';
import { courseOf } from './state';

export function lampOf(meeting: PublicState): HTMLElement {
  const lamp = meeting.phase;
  const more = lamp === 'open' ? t('open-since', { time: clockTime(meeting.since_ms) }) : '';
  const { tone, solid, outline } = lookOf(lamp);
  const element = h(
    `div.lamp.${tone}`,
    drawing([
      { d: solid, line: false },
      { d: outline, line: true },
    ]),
    h('p', h('strong', t(`lamp-${lamp}`)), ' ', h('span', meaningOf(meeting))),
    more === '' ? null : h('div.more', more),
  );
  element.dataset['lamp'] = lamp;
  return element;
}

/** The house itself notices when nothing comes through. */
function meaningOf({ phase, unheard_since_ms }: PublicState): string {
  if (phase !== 'open' || unheard_since_ms === null) return t(`meaning-${phase}`);
  return t('unheard', { time: clockTime(unheard_since_ms) });
}

/** The words for this moment, in the order in which they stand. */
export function wordsOf(meeting: PublicState, now_ms: number): HTMLElement[] {
  const item = meeting.item === null ? undefined : meeting.agenda[meeting.item];
  const running = item ? h('p.item', t('running-item', { number: (meeting.item ?? 0) + 1, title: item.title })) : null;
  const shown = (...elements: (HTMLElement | null)[]): HTMLElement[] => elements.filter((element) => element !== null);
  switch (meeting.phase) {
    case 'convened':
      return comingOf(meeting, now_ms);
    case 'closed':
      return shown(
        h('h2', t('closed-since', { time: clockTime(meeting.since_ms) })),
        running,
        item?.ground ? h('p', t('closed-ground', { ground: item.ground })) : null,
        h('p.quiet', t('closed-keys')),
      );
    case 'closing':
      return [h('h2', t('closing-now')), h('p', t('closing-text'))];
    case 'open':
      return shown(unheardOf(meeting), running);
    case 'adjourned': {
      const { total_ms, open_ms } = courseOf(meeting, now_ms);
      const length = t(open_ms > 0 ? 'adjourned-length' : 'adjourned-length-none', {
        length: duration(total_ms),
        open: duration(open_ms),
      });
      const at = meeting.adjourned_at_ms ?? meeting.since_ms;
      return [
        h('h2', t('adjourned-at', { day: calendarDay(at), time: clockTime(at) })),
        h('p', meeting.started_at_ms === null ? t('adjourned-never') : length),
      ];
    }
    default:
      return meeting.phase satisfies never;
  }
}

const unheardOf = ({ unheard_since_ms, pauses }: PublicState): HTMLElement | null =>
  unheard_since_ms === null ? null : h('p.unheard', t(pauses ? 'unheard-pauses' : 'unheard-goes-on'));

function comingOf(meeting: PublicState, now_ms: number): HTMLElement[] {
  const when = (ms: number) => ({ day: calendarDay(ms), time: clockTime(ms) });
  const announced = meeting.announcements.at(-1);
  if (!announced) return [h('p', t('convened-on', when(meeting.convened_at_ms)))];
  const before = meeting.announcements.at(-2);
  const words = [h('h2', t('begins', when(announced.starts_at_ms))), timerOf(announced.starts_at_ms, now_ms)];
  if (before && before.starts_at_ms !== announced.starts_at_ms) {
    words.push(h('p.moved', t('moved', when(before.starts_at_ms))));
  }
  if (announced.minutes > 0) words.push(h('p', t('planned', { length: duration(announced.minutes * 60_000) })));
  if (announced.place !== '') words.push(h('p', h('bdi', announced.place)));
  words.push(h('p.quiet', t('begins-by-itself')));
  return words;
}

export const countdown = (starts_at_ms: number, now_ms: number): string =>
  starts_at_ms <= now_ms ? t('due') : t('begins-in', { left: inWords(starts_at_ms - now_ms) });

/** Screen readers are told what it says when they ask, and not each second. */
function timerOf(starts_at_ms: number, now_ms: number): HTMLElement {
  const timer = h('p.item', countdown(starts_at_ms, now_ms));
  timer.setAttribute('role', 'timer');
  timer.dataset['starts'] = String(starts_at_ms);
  return timer;
}

/** Who is there, while somebody meets. */
export function presentOf(meeting: PublicState): HTMLElement[] {
  if (meeting.phase === 'convened' || meeting.phase === 'adjourned') return [];
  const people = meeting.present.map(({ name, delegation }) =>
    h('li', h('bdi', name), ' ', h('bdi.quiet.small', meeting.delegations[delegation]?.name ?? '')),
  );
  return [h('h2', t('present')), h('ul', ...(people.length > 0 ? people : [h('li.quiet', t('present-none'))]))];
}
