import { describe, expect, it } from 'vitest';
import type { MemberOf } from '../protocol/MemberOf';
import type { MemberView } from '../protocol/MemberView';
import type { Charter } from '../worker/seal';
import {
  entering,
  isRead,
  isToSlow,
  lampOf,
  mayTryAgain,
  newsOf,
  nextItem,
  type RoomEvent,
  type RoomState,
  SLOWER_MS,
  SPOKE_MS,
  step,
  tilesOf,
  unheardSince,
} from './state';

const member = (leaf: number, delegation: number, name: string, me = false): MemberOf => ({
  leaf,
  name,
  delegation,
  role: 'principal',
  confirmed: true,
  connected: true,
  me,
});

const view = (change: Partial<MemberView> = {}): MemberView => ({
  lamp: 'closed',
  reason: null,
  unheard_since_ms: null,
  report_due: false,
  part: 1,
  item: null,
  members: [member(0, 0, 'Ana', true), member(1, 1, 'Ben')],
  motion: null,
  may: { open: true, close: false, consent: false, adjourn: true, appear: false, admit: false },
  code: [],
  words: [],
  fingerprints: [],
  floor: { speaker: null, queue: [], give: true, ask: true },
  booths: { may: false, attends: true, listens: null, sits: null, on_air: false, channels: [] },
  whisper: 'off',
  lobby: [],
  waits: false,
  record: null,
  sending: true,
  ...change,
});

const charter: Charter = {
  title: 'Talks',
  languages: ['en'],
  delegations: [{ name: 'Ardania' }, { name: 'Borland' }],
  agenda: [
    { title: 'Opening', public: true, ground: '' },
    { title: 'Border', public: false, ground: 'Article 4' },
    { title: 'Statement', public: true, ground: '' },
  ],
  opening_chair: null,
  closing_chair: null,
  reports: false,
  pauses: false,
};

const after = (...events: readonly RoomEvent[]): RoomState =>
  events.reduce((state, event, index) => step(state, event, index * 1_000), entering);

describe('the lamp', () => {
  it('waits until the group has said something', () => {
    expect(lampOf(entering)).toBe('waiting');
    expect(lampOf(after({ type: 'view', view: view({ lamp: 'open' }) }))).toBe('open');
  });

  it('is held by an alarm whatever the group says', () => {
    const state = after({ type: 'alarm', alarm: { what: 'silent' } }, { type: 'view', view: view({ lamp: 'open' }) });
    expect(lampOf(state)).toBe('held');
  });

  it('keeps saying that something leaked when something else breaks afterwards', () => {
    const state = after({ type: 'alarm', alarm: { what: 'leak' } }, { type: 'alarm', alarm: { what: 'silent' } });
    expect(state.alarm).toEqual({ what: 'leak' });
  });
});

describe('a meeting that is over', () => {
  it('stays over when the server then closes the connection', () => {
    const state = after(
      { type: 'joined' },
      { type: 'view', view: view({ lamp: 'adjourned' }) },
      { type: 'obstacle', obstacle: { what: 'fatal', code: 'adjourned', why: 'The meeting is adjourned.' } },
    );
    expect(state.stage).toBe('room');
    expect(lampOf(state)).toBe('adjourned');
  });
});

describe('the time of a part', () => {
  it('starts with the lamp and not with every view', () => {
    const state = after(
      { type: 'view', view: view() },
      { type: 'view', view: view({ code: ['12345'] }) },
    );
    expect(state.since_ms).toBe(0);
    expect(step(state, { type: 'view', view: view({ lamp: 'open', part: 2 }) }, 9_000).since_ms).toBe(9_000);
  });
});

describe('tiles', () => {
  it('are named by the key of the frames: a slot without frames shows nobody', () => {
    const [tile] = tilesOf(view(), { 7: { id: 7, leaf: 1, stream: 1, open: false, refused: false } }, [6, 7]);
    expect(tile).toMatchObject({ slot: 7, member: { name: 'Ben' } });
    // Somebody's screen is not their picture, and both come.
    const both = tilesOf(view(), { 6: { id: 6, leaf: 1, stream: 2, open: false, refused: false }, 7: { id: 7, leaf: 1, stream: 1, open: false, refused: false } }, [6, 7]);
    expect(both.map(({ slot, screen }) => [slot, screen])).toEqual([[7, false], [6, true]]);
    expect(tilesOf(view(), { 7: { id: 7, leaf: null, stream: 1, open: false, refused: false } }, [6, 7])[0]?.slot).toBeNull();
  });

  it('leave out who is in a slot but not in the group', () => {
    expect(tilesOf(view(), { 7: { id: 7, leaf: 9, stream: 1, open: false, refused: false } }, [7]).map(({ slot }) => slot)).toEqual([null]);
  });

  it('do not jump when slots change', () => {
    const members = [member(0, 0, 'Ana', true), member(3, 1, 'Ben'), member(2, 1, 'Cleo'), member(1, 2, 'Dov')];
    const order = (slots: Record<number, number>): string[] =>
      tilesOf(
        view({ members }),
        Object.fromEntries(Object.entries(slots).map(([id, leaf]) => [id, { id: Number(id), leaf, stream: 1 as const, open: false, refused: false }])),
        [5, 6, 7],
      ).map((tile) => tile.member.name);
    expect(order({ 5: 3, 6: 1 })).toEqual(['Cleo', 'Ben', 'Dov']);
    expect(order({ 5: 2, 7: 3 })).toEqual(['Cleo', 'Ben', 'Dov']);
  });

  it('are pictures only when more people are present than a screen holds', () => {
    const members = Array.from({ length: 30 }, (_it, leaf) => member(leaf, leaf, `P${leaf}`, leaf === 0));
    expect(tilesOf(view({ members }), { 5: { id: 5, leaf: 12, stream: 1, open: false, refused: false } }, [5])).toHaveLength(1);
  });

  it('are forgotten with the connection they came over', () => {
    const state = after({ type: 'occupied', occupant: { id: 3, leaf: 1, stream: 1, open: false, refused: false } }, { type: 'slots' });
    expect(state.occupants).toEqual({});
  });
});

describe('the agenda item of a motion', () => {
  it('is the next one meant to be taken that way, then the first, then the present one', () => {
    expect(nextItem(charter, null, true)).toBe(0);
    expect(nextItem(charter, 0, true)).toBe(2);
    expect(nextItem(charter, 2, true)).toBe(0);
    expect(nextItem(charter, 0, false)).toBe(1);
    expect(nextItem({ ...charter, agenda: charter.agenda.slice(0, 1) }, 0, false)).toBe(0);
  });
});

describe('what a screen reader is told', () => {
  it('is every change of the lamp, who came, who went', () => {
    const later = view({ lamp: 'open', members: [member(0, 0, 'Ana', true), member(1, 1, 'Cleo')] });
    expect(newsOf(view(), later)).toMatchObject([
      { say: 'lamp' },
      { say: 'joined', member: { name: 'Cleo' } },
      { say: 'gone', member: { name: 'Ben' } },
    ]);
    expect(newsOf(later, later)).toEqual([]);
  });

  it('is not that one has come oneself', () => {
    expect(newsOf(view({ members: [] }), view({ members: [member(0, 0, 'Ana', true)] }))).toEqual([]);
  });

  it('is a request for consent, once', () => {
    const motion = { id: 'm', kind: 'open', item: 0, by: 'Ben', consents: [1], missing: [0], appears: false, lapses_at_ms: 1 } as const;
    const asked = view({ motion: { ...motion, consents: [1], missing: [0] }, may: { ...view().may, consent: true } });
    expect(newsOf(view(), asked)).toEqual([{ say: 'motion', by: 'Ben' }]);
    expect(newsOf(asked, asked)).toEqual([]);
  });
});

describe('a part that the public cannot hear', () => {
  const open = view({ lamp: 'open', part: 2 });
  const unheard = view({ lamp: 'open', part: 2, unheard_since_ms: 5_000 });
  const paused = view({ lamp: 'held', part: 2, unheard_since_ms: 5_000 });

  it('says since when, also while it pauses, and not while its doors shut', () => {
    expect([null, open, unheard, paused].map(unheardSince)).toEqual([null, null, 5_000, 5_000]);
    expect(unheardSince({ ...unheard, lamp: 'closing' })).toBeNull();
    expect(unheardSince({ ...unheard, lamp: 'adjourned' })).toBeNull();
  });

  it('is said to be heard again when it is, and not when it is over', () => {
    expect(newsOf(open, unheard)).toEqual([]);
    expect(newsOf(unheard, open)).toEqual([{ say: 'heard' }]);
    expect(newsOf(paused, open)).toEqual([{ say: 'lamp' }, { say: 'heard' }]);
    expect(newsOf(unheard, view({ lamp: 'closed', part: 3 }))).toEqual([{ say: 'lamp' }]);
    expect(newsOf(unheard, unheard)).toEqual([]);
  });
});

describe('the floor', () => {
  const floor = (change: Partial<MemberView['floor']>) => view({ floor: { ...view().floor, ...change } });
  const ben = { say: 'floor', member: { name: 'Ben' } };

  it('is said when a hand of somebody else goes up, or comes to a point of order', () => {
    const up = floor({ queue: [{ leaf: 1, hand: 'up' }, { leaf: 0, hand: 'up' }] });
    const order = floor({ queue: [{ leaf: 1, hand: 'point_of_order' }] });
    expect(newsOf(view(), up)).toMatchObject([{ say: 'hand', member: { name: 'Ben' }, order: false }]);
    expect(newsOf(up, order)).toMatchObject([{ say: 'hand', member: { name: 'Ben' }, order: true }]);
    expect(newsOf(order, order)).toEqual([]);
    expect(newsOf(order, view())).toEqual([]);
  });

  it('is said when it is given, also once more to the same person', () => {
    const first = floor({ speaker: { leaf: 1, began_at_ms: 5, seconds: 60 } });
    const second = floor({ speaker: { leaf: 1, began_at_ms: 9, seconds: 60 } });
    expect(newsOf(view(), first)).toMatchObject([ben]);
    expect(newsOf(first, second)).toMatchObject([ben]);
    expect(newsOf(second, second)).toEqual([]);
    expect(newsOf(second, view())).toEqual([]);
  });

  it('keeps the latest wish until it is answered', () => {
    const wish = { name: 'Ben', delegation: 1, mute: true };
    const asked = after({ type: 'wish', wish: { ...wish, mute: false } }, { type: 'wish', wish });
    expect(asked.wish).toEqual(wish);
    expect(step(asked, { type: 'wish', wish: null }, 0).wish).toBeNull();
  });
});

describe('who waits', () => {
  const person = { id: 'x', name: 'Cyn', delegation: 1, role: 'adviser', instead: false };

  it('is said once', () => {
    const waiting = view({ lobby: [person] });
    expect(newsOf(view(), waiting)).toEqual([{ say: 'waiting', person }]);
    expect(newsOf(waiting, waiting)).toEqual([]);
  });
});

describe('an interpreter’s call', () => {
  const slower: RoomEvent = { type: 'call', call: { name: 'Ines', booth: 1, what: 'slower' } };
  const floor = (leaf: number) => ({
    floor: { speaker: { leaf, began_at_ms: 0, seconds: 0 }, queue: [], give: false, ask: false },
  });

  it('to speak more slowly is for whoever has the floor, for some seconds', () => {
    const mine = after({ type: 'view', view: view(floor(0)) }, slower);
    expect(isToSlow(mine, true, null, 1_000)).toBe(true);
    expect(isToSlow(mine, true, null, 1_000 + SLOWER_MS)).toBe(false);
    const theirs = after({ type: 'view', view: view(floor(1)) }, slower);
    expect(isToSlow(theirs, false, 0, 1_000)).toBe(false);
  });

  it('is for whoever has just spoken, while nobody has the floor, and for nobody in a booth', () => {
    const free = after({ type: 'view', view: view() }, slower);
    expect(isToSlow(free, false, 500, 1_000)).toBe(true);
    expect(isToSlow(free, true, 500, 1_000)).toBe(false);
    expect(isToSlow(free, false, null, 1_000)).toBe(false);
    expect(isToSlow(free, false, 1_001 - SPOKE_MS, 1_000)).toBe(true);
    expect(isToSlow(free, false, 1_000 - SPOKE_MS, 1_000)).toBe(false);
    const booths = { may: true, attends: false, listens: null, sits: 1, on_air: true, channels: [] };
    expect(isToSlow(after({ type: 'view', view: view({ booths }) }, slower), false, 500, 1_000)).toBe(false);
  });

  it('is for whoever has a microphone on, where the browser does not tell who has spoken', () => {
    const free = after({ type: 'view', view: view() }, slower);
    expect(isToSlow(free, false, undefined, 1_000)).toBe(true);
    expect(isToSlow(free, true, undefined, 1_000)).toBe(false);
  });

  it('for help is for those who look after the meeting, and stands until it was seen', () => {
    const help: RoomEvent = { type: 'call', call: { name: 'Ines', booth: 1, what: 'help' } };
    const called = after({ type: 'view', view: view() }, help, slower);
    expect(called.help?.call.name).toBe('Ines');
    expect(step(called, { type: 'helped' }, 9).help).toBeNull();
  });

  it('is answered once, for all who were called', () => {
    const call = (what: 'help' | 'seen', booth: number): RoomEvent => ({ type: 'call', call: { name: 'Ines', booth, what } });
    const called = after({ type: 'view', view: view() }, call('help', 1));
    expect(step(called, call('seen', 0), 9).help?.call.booth).toBe(1);
    const answered = step(called, call('seen', 1), 9);
    expect(answered.help).toBeNull();
    expect(answered.seen?.at_ms).toBe(9);
  });
});

describe('a note of a booth', () => {
  const note = (booth: number | null) => ({
    id: 'n',
    name: 'Ines',
    delegation: 0,
    me: false,
    part: 1,
    open: false,
    booth,
    attends: false,
    aside: false,
    text: 'Article 4',
    delivery: 'passed' as const,
    missing: 0,
  });
  const sitting = (sits: number | null) => view({ booths: { may: true, attends: false, listens: null, sits, on_air: false, channels: [] } });

  it('is read in that booth and nowhere else', () => {
    expect(isRead(note(1), sitting(1))).toBe(true);
    expect(isRead(note(1), sitting(0))).toBe(false);
    expect(isRead(note(1), sitting(null))).toBe(false);
    expect(isRead(note(1), null)).toBe(false);
    expect(isRead(note(null), null)).toBe(true);
    expect(isRead({ ...note(1), me: true }, sitting(null)), 'whoever wrote it').toBe(true);
  });
});

describe('the channel that is heard', () => {
  it('is the one that the group’s own state says, since it was chosen or changed hands', () => {
    const channel = (voice: number | null) => ({ language: 'fr', voice, since_ms: null, relays: null, sitters: [], listeners: null });
    const hearing = (listens: number | null, voice: number | null): RoomEvent => {
      const booths = { may: false, attends: true, listens, sits: null, on_air: false, channels: [channel(null), channel(voice)] };
      return { type: 'view', view: view({ booths }) };
    };
    expect(after(hearing(null, 7)).tuned).toMatchObject({ choice: null, voice: null });
    expect(after(hearing(null, 7), hearing(1, 7)).tuned).toEqual({ choice: 1, voice: 7, since_ms: 1_000 });
    expect(after(hearing(1, 7), hearing(1, 7), hearing(1, 7)).tuned.since_ms).toBe(0);
    expect(after(hearing(1, 7), hearing(1, 8)).tuned).toEqual({ choice: 1, voice: 8, since_ms: 1_000 });
  });
});

describe('somebody who left and comes back', () => {
  it('starts at the device check, with nothing of before', () => {
    const by = { kind: 'delegation', delegation: 1 } as const;
    const state = after(
      { type: 'read', charter, link: by },
      { type: 'joined' },
      { type: 'view', view: view() },
      { type: 'left' },
      { type: 'read', charter, link: by },
    );
    expect(state).toMatchObject({ stage: 'check', delegation: 1, by, view: null });
  });
});

describe('what stands in the way', () => {
  it('is tried again, except where nothing is left to try with', () => {
    expect(mayTryAgain({ what: 'unreachable' })).toBe(true);
    expect(mayTryAgain({ what: 'fatal', code: 'not_a_member', why: '' })).toBe(true);
    expect(mayTryAgain({ what: 'fatal', code: 'letter_revoked', why: '' })).toBe(false);
    expect(mayTryAgain({ what: 'taken', delegation: 0 })).toBe(false);
  });
});
