// A member of a meeting, written from docs/protocol.md: it joins by a link, follows the group, and speaks when told to.
//
// It has no media connection: frames are sealed to bytes and opened from bytes. It does not resume after a broken
// socket, and is no desk.

import { encodeCredential, bindDevice, claimHolds, claimSlot, decodeSignedAct, decodeSignedClaim, actHolds, must, openCredential, openFragment } from './credential.mjs';
import { equal, fromBase64url, toBase64url } from './codec.mjs';
import { openCharter } from './charter.mjs';
import { shortCode } from './code.mjs';
import { Group, newKeyPackage, openKeyPackage, ZEROS } from './group.mjs';
import {
  consentHolds, contextAfter, finHolds, judgeCommit, judgeWelcome, mayEnter, memberOf, motionHolds, motionIsFresh, rosterHash, rosterOf, shuts,
} from './judge.mjs';
import { hash, KeyPair } from './keys.mjs';
import { CAMERA, deriveKey, disclosureOf, kidOf, MICROPHONE, Opener, SCREEN, Sealer } from './sframe.mjs';
import { Witness } from './record.mjs';
import { readTable, textMessage, typedMessage } from './table.mjs';
import { chainNext, chainStart, encodeEvidence, motionIdOf, openStatement, samePlace, say, signatureHolds, signDisclosure } from './statement.mjs';
import { randomBytes } from 'node:crypto';

const INTERVAL_MS = 4000; // §7, for each eight members
const SILENCE_MS = 10_000;
const FINS_MS = 2000; // how long a closer waits for fins
const STAND_IN_MS = 3000;
const LATE_FRAMES_MS = 2000;
const MOTION_LAPSES_MS = 60_000;
const TICK_MS = 50;

const hex = (bytes) => bytes.toString('hex');

export class Member {
  /** `now` is this member's clock in milliseconds. `socket` opens a WebSocket. */
  constructor({ url, meeting, fragment, name, now = Date.now, socket = (to) => new WebSocket(to) }) {
    Object.assign(this, { url, meeting: fromBase64url(meeting), fragment, name, now });
    this.openSocket = socket;
    this.group = null;
    this.refusals = []; // what the server refused
    this.alarm = null; // why this member stopped
    this.ended = null; // how the socket ended
    this.known = { claims: new Map(), devices: new Map(), revoked: new Set() };
    this.ahead = new Map(); // letter → the least own clock − at_ms
    this.opener = new Opener();
    this.epochs = 0;
    this.appears = false;
    this.unheard = false;
    this.watchers = new Set();
    this.texts = []; // what others have written
    this.offers = new Map(); // letter and id → what is offered
    this.lines = new Map(); // letter → what is being typed
    this.read = new Set(); // letter and id of what was read
    this.unsaid = []; // what waits to be passed on; the first is on its way
    this.queue = Promise.resolve();
  }

  connect() {
    this.socket = this.openSocket(`${this.url.replace(/^http/, 'ws')}/api/meetings/${toBase64url(this.meeting)}/member`);
    this.socket.addEventListener('message', ({ data }) => {
      // An empty text says that the house is there.
      if (data !== '') this.#enqueue(() => this.#take(JSON.parse(data)));
    });
    this.socket.addEventListener('close', (event) => this.#enqueue(() => { this.ended = { code: event.code, reason: event.reason }; }));
    this.socket.addEventListener('error', () => undefined);
    this.timer = setInterval(() => this.#enqueue(() => this.#tick()), TICK_MS);
    return this;
  }
  stop() { clearInterval(this.timer); this.socket?.close(); }

  #enqueue(work) {
    this.queue = this.queue.then(work).catch((error) => this.#raise(error)).then(() => this.#changed());
  }
  #raise(error) {
    this.alarm ??= error;
    this.sealers = null;
    this.opener = new Opener();
  }
  #changed() { for (const watcher of [...this.watchers]) watcher(); }
  /** Waits for a state of this member. */
  until(what, holds, timeoutMs = 20_000) {
    return new Promise((resolve, reject) => {
      const done = (settle, value) => { clearTimeout(timer); this.watchers.delete(look); settle(value); };
      const fail = (why) => done(reject, new Error(`${this.name}: ${why} before: ${what}\n${JSON.stringify(this.status())}`));
      const look = () => {
        if (holds(this.status())) return done(resolve, this.status());
        if (this.alarm) return fail(`alarm (${this.alarm.stack})`);
        if (this.ended) return fail(`socket closed ${JSON.stringify(this.ended)}`);
        return undefined;
      };
      const timer = setTimeout(() => fail('too long'), timeoutMs);
      this.watchers.add(look);
      look();
    });
  }

  #send(message) { if (this.socket.readyState === 1) this.socket.send(JSON.stringify(message)); }

  // --- what the person sees -----------------------------------------------------------------------------------------

  status() {
    if (!this.group || !this.epoch) return { lamp: 'out', refusals: this.refusals, alarm: this.alarm };
    const { context } = this.group;
    const confirmed = this.roster.filter((m) => this.epoch.beats.has(m.leaf)).length;
    let lamp = context.phase;
    if (context.phase === 'closed' && this.unconfirmedClose) lamp = 'closing';
    if (context.phase === 'open' && this.#closing) lamp = 'closing';
    return {
      lamp, phase: context.phase, part: context.part, item: context.item, epoch: Number(this.group.epoch), leaf: this.group.leaf,
      members: this.roster.length, texts: this.texts, lines: [...this.lines.values()], offers: [...this.offers.values()], unsaid: this.unsaid.length, confirmed, code: shortCode(this.group.authenticator), seals: this.#maySeal(),
      motion: this.epoch.motion?.statement.body.kind ?? null, consents: this.epoch.consents.size, refusals: this.refusals, alarm: this.alarm,
    };
  }
  /** An open part is being ended. */
  get #ends() { return this.epoch.motion !== null && shuts(this.group.context, this.epoch.motion.statement.body); }
  get #closing() { return this.#ends || this.epoch.holding; }
  get #self() { return this.roster.find((m) => m.leaf === this.group.leaf); }
  get #place() {
    const { meeting, founding, group, part } = this.group.context;
    return { meeting, founding, group, epoch: this.group.epoch, part };
  }

  // --- what the person does -----------------------------------------------------------------------------------------

  move(kind, item = this.group.context.item) {
    if (shuts(this.group.context, { kind })) this.epoch.holding = true; // sealed is nothing from here on, before the motion leaves
    if (kind === 'open') this.appears = true;
    this.#say({ type: 'motion', place: this.#place, kind, item, movedAtMs: BigInt(this.now()) });
  }
  consent() {
    this.appears = true;
    this.#say({ type: 'consent', motion: this.epoch.motion.id });
  }
  appear() { this.appears = true; }
  leave() {
    this.#say({ type: 'goodbye', place: this.#place });
    this.#send({ type: 'leave' });
  }
  seal(stream, frame) {
    if (!this.#maySeal()) throw new Error(`${this.name} holds`);
    return this.sealers[stream].seal(frame);
  }
  open(stream, frame) { return this.opener.open(stream, frame, this.now()); }
  disclosures() { return this.sealers.map((sealer) => disclosureOf(sealer.key)); }

  #say(body) { this.#send({ type: 'statement', statement: toBase64url(say(this.letterId, this.letterKey, body)) }); }

  /** §9, “when a member seals”. */
  #maySeal() {
    if (!this.sealers || this.alarm || !this.#heardOthers()) return false;
    if (this.group.context.phase === 'closed') return !this.unconfirmedClose && this.heardBack;
    return this.group.context.phase === 'open' && this.epoch.touched && !this.#closing && this.appears && !(this.charter.pauses && this.unheard);
  }
  #heardOthers() {
    const others = this.roster.filter((m) => m.leaf !== this.group.leaf);
    const heard = (m) => this.epoch.beats.get(m.leaf)?.givenAtMs ?? this.epoch.enteredAtMs;
    return others.length === 0 || this.now() - Math.max(...others.map(heard)) <= SILENCE_MS;
  }

  // --- messages of the server ---------------------------------------------------------------------------------------

  async #take(message) {
    if (this.alarm) return;
    const take = this[`on_${message.type}`];
    if (take) await take.call(this, message);
  }

  async on_challenge({ nonce, charter }) {
    this.charter = openCharter(fromBase64url(charter), this.meeting);
    const link = openFragment(this.charter, this.fragment);
    const letter = link.kind === 1 ? claimSlot(this.charter, link, this.name, this.now()) : link;
    this.meetingSecret = letter.meetingSecret;
    this.letterKey = letter.letterKey;
    this.witness = new Witness(toBase64url(this.meeting), this.letterKey);
    this.device = KeyPair.fresh();
    this.credential = bindDevice(letter, this.device);
    const credential = encodeCredential(this.credential);
    this.letterId = openCredential(this.charter, credential).letterId;
    const proof = this.device.sign('hello', this.meeting, fromBase64url(nonce));
    this.#send({ type: 'hello', credential: toBase64url(credential), proof: toBase64url(proof), resume: null });
  }

  async on_here({ waits }) { if (!waits) await this.#knock(); }
  async on_admitted({ act }) {
    this.credential = { ...this.credential, admission: decodeSignedAct(fromBase64url(act)) };
    await this.#knock();
  }
  async #knock() {
    this.kept = await newKeyPackage(this.device, encodeCredential(this.credential), this.now());
    this.#send({ type: 'knock', key_package: toBase64url(this.kept.bytes) });
  }

  on_register({ claims, revocations }) {
    for (const bytes of claims) {
      const signed = decodeSignedClaim(fromBase64url(bytes));
      if (claimHolds(this.charter, signed)) this.#learnClaim(signed.claim.delegation, signed.claim.delegationKey);
    }
    for (const bytes of revocations) this.#learnRevocation(decodeSignedAct(fromBase64url(bytes)));
  }
  #learnClaim(delegation, key) { if (!this.known.claims.has(delegation)) this.known.claims.set(delegation, key); }
  #learnRevocation(signed) {
    const { delegation, deed, letter } = signed.act;
    const key = this.known.claims.get(delegation);
    const own = this.roster?.find((m) => equal(m.letterId, letter));
    if (deed === 2 && key && actHolds(this.charter, signed, delegation, key) && (!own || own.delegation === delegation)) this.known.revoked.add(hex(letter));
  }
  #learnMember(member) {
    this.#learnClaim(member.delegation, member.delegationKey);
    const bound = this.known.devices.get(hex(member.letterId));
    if (!bound || !equal(bound.deviceKey, member.deviceKey)) this.known.devices.set(hex(member.letterId), { deviceKey: member.deviceKey, atMs: member.admittedAtMs });
  }

  async on_found({ founding, part, item }) {
    const context = { meeting: this.meeting, founding, group: randomBytes(16), phase: 'closed', part, item, warrant: ZEROS };
    const group = await Group.found(this.kept, context, this.meetingSecret);
    const info = await group.groupInfo();
    this.#send({ type: 'founded', founding, group_info: toBase64url(info) });
    this.witness.enter(founding, 0);
    this.witness.expect({ kind: 'founded', message: Buffer.from(info) });
    await this.#enter(group, rosterOf(this.charter, group));
  }

  async on_joined({ welcome, warrant }) {
    const group = await Group.join(this.kept, fromBase64url(welcome), this.meeting, this.meetingSecret);
    const roster = judgeWelcome(this.charter, group, warrant === null ? null : fromBase64url(warrant));
    must(roster.some((m) => m.leaf === group.leaf && equal(m.letterId, this.letterId)), 'handshake', 'not my letter');
    for (const member of roster) {
      const key = this.known.claims.get(member.delegation);
      must(!key || equal(key, member.delegationKey), 'slot_taken', 'a delegation with another key');
    }
    this.witness.enter(group.context.founding, Number(group.epoch));
    await this.#enter(group, roster);
  }

  on_checkpoint(message) { if (this.group) this.#send(this.witness.offered(message)); }
  on_record_start(message) { this.witness.starts(message); }
  on_record(message) {
    const cosign = this.witness.told(message, this.now());
    if (cosign) this.#send(cosign);
  }

  async on_knock({ key_package: keyPackage }) {
    if (!this.group || this.#closing || this.pending) return;
    const opened = openKeyPackage(fromBase64url(keyPackage));
    const newcomer = memberOf(this.charter, null, opened.leafNode);
    mayEnter(this.known, newcomer, this.now());
    const remove = this.roster.filter((m) => equal(m.letterId, newcomer.letterId)).map((m) => m.leaf);
    this.#commit(await this.group.commitMembers({ add: [opened], remove }));
  }
  async on_please_remove({ leaf }) {
    const member = this.roster?.find((m) => m.leaf === leaf);
    if (!member || this.#closing || this.pending || !this.#mayRemove(member)) return;
    this.#commit(await this.group.commitMembers({ remove: [leaf] }));
  }
  #commit(made) {
    this.pending = made;
    const position = { founding: this.group.context.founding, epoch: Number(this.group.epoch) };
    this.#send({ type: 'commit', position, commit: toBase64url(made.commit), welcome: made.welcome && toBase64url(made.welcome) });
  }
  #mayRemove(member) {
    if (this.known.revoked.has(hex(member.letterId)) || this.goodbyes.has(hex(member.letterId))) return true;
    const beat = this.epoch.beats.get(member.leaf);
    const n = this.roster.length;
    if (!beat) return true; // a member does not ask for how long (§8)
    return this.now() - beat.givenAtMs >= Math.max(20_000, 2 * INTERVAL_MS * Math.ceil(n / 8));
  }

  async on_commit({ position, commit }) {
    if (!this.group || position.founding !== this.group.context.founding || BigInt(position.epoch) !== this.group.epoch) return;
    const bytes = fromBase64url(commit);
    const own = this.pending && equal(this.pending.commit, bytes) ? this.pending : null;
    this.pending = null;
    const staged = own ? await this.#stageOwn(own) : await this.group.stage(bytes);
    const judged = judgeCommit(this.#facts(), staged);
    for (const member of judged.newcomers) this.#learnMember(member);
    if (!staged.next) return this.#removed();
    this.witness.expect({ kind: 'committed', message: bytes });
    return this.#enter(staged.next, judged.roster, judged);
  }
  /** What was committed oneself is judged like anybody's; its secrets are the ones kept since it was made. */
  async #stageOwn(own) {
    const { decodeMlsMessage } = await import('ts-mls');
    const { content } = decodeMlsMessage(own.commit, 0)[0].publicMessage;
    const isSecret = (p) => p.proposalType === 'psk' && p.psk.preSharedKeyId.psktype === 'external';
    const proposals = content.commit.proposals.map((p) => p.proposal);
    return {
      sender: this.group.leaf, proposals, path: content.commit.path?.leafNode ?? null, evidence: Buffer.from(content.authenticatedData),
      carriesSecret: proposals.some(isSecret), isSecret, next: own.next,
    };
  }
  #removed() {
    this.#raise(new Error('removed from the group'));
  }
  #facts() {
    return {
      charter: this.charter, context: this.group.context, epoch: this.group.epoch, roster: this.roster, place: this.#place, samePlace,
      known: this.known, closeCalled: this.#ends, nowMs: this.now(),
      mayRemove: (member) => this.#mayRemove(member),
      motionSeenAtMs: (id) => (this.epoch.motion && equal(this.epoch.motion.id, id) ? this.epoch.motion.seenAtMs : null),
    };
  }

  on_act({ number, act }) {
    const bytes = fromBase64url(act);
    this.#count(number, bytes);
    this.#learnRevocation(decodeSignedAct(bytes));
  }
  #count(number, bytes) {
    const { chains } = this.epoch;
    if (number < chains.length - 1) return;
    must(number === chains.length - 1, 'handshake', `number ${number} where ${chains.length - 1} is due: something is missing`);
    chains.push(chainNext(chains.at(-1), bytes));
  }

  on_statement({ number, statement: text }) {
    if (!this.group) return;
    const bytes = fromBase64url(text);
    if (number !== null) this.#count(number, bytes);
    const statement = openStatement(bytes);
    const signer = this.roster.find((m) => equal(m.letterId, statement.signer));
    if (!signer || !signatureHolds(statement, signer.letterKey)) return;
    this[`heard_${statement.body.type}`](statement, signer);
  }
  heard_motion(statement) {
    const { body } = statement;
    const waiting = this.epoch.motion;
    const lapsed = waiting && !this.#ends && this.now() - waiting.seenAtMs > MOTION_LAPSES_MS;
    try {
      motionHolds(this.#facts(), statement, samePlace);
    } catch {
      return; // void, whoever passed it on
    }
    if (!motionIsFresh(body, this.now())) return;
    if (waiting && !lapsed && (this.#ends || body.kind === 'open')) return;
    const mine = equal(statement.signer, this.letterId);
    this.epoch.motion = { statement, id: motionIdOf(body), seenAtMs: this.now(), mine };
    this.epoch.consents.clear();
    if (this.#ends) this.#fin();
  }
  heard_consent(statement, signer) {
    const { motion } = this.epoch;
    if (motion?.statement.body.kind !== 'open') return;
    try { consentHolds({ roster: this.roster }, statement, motion.id); } catch { return; }
    if (!this.epoch.consents.has(signer.delegation)) this.epoch.consents.set(signer.delegation, statement);
  }
  heard_fin(statement, signer) {
    const { motion } = this.epoch;
    if (!this.#ends) return;
    try { finHolds(this.#facts(), statement, motion.id); } catch { return; }
    this.epoch.fins.set(signer.leaf, statement);
  }
  heard_goodbye(statement) { if (samePlace(statement.body.place, this.#place)) this.goodbyes.add(hex(statement.signer)); }
  heard_heartbeat({ body }, signer) {
    const last = this.epoch.beats.get(signer.leaf);
    if (!samePlace(body.place, this.#place) || (last && body.beat <= last.beat)) return;
    const chain = this.epoch.chains[body.said];
    must(equal(body.roster, this.epoch.rosterHash) && chain && equal(chain, body.chain), 'handshake', `forked from ${signer.name}`);
    must(equal(body.authenticator, this.epoch.authenticatorHash), 'handshake', `another key than ${signer.name}`);
    const ahead = this.now() - Number(body.atMs);
    const least = Math.min(ahead, this.ahead.get(hex(signer.letterId)) ?? Infinity);
    this.ahead.set(hex(signer.letterId), least);
    this.epoch.beats.set(signer.leaf, { beat: body.beat, givenAtMs: this.now() - (ahead - least) });
    if (signer.leaf === this.group.leaf) { this.heardBack = true; this.epoch.touched = true; }
    if (this.unconfirmedClose && this.roster.every((m) => this.epoch.beats.has(m.leaf))) this.unconfirmedClose = false;
  }

  /** Of another part it says nothing (§14). */
  on_unheard({ since_ms: since }) {
    if (this.group?.context.phase === 'open') this.unheard = since !== null;
  }

  // --- what members write (§11d) --------------------------------------------------------------------------------------

  write(text) { this.#utter((number, id) => textMessage(number, id, text)); }
  type(text) {
    const { part } = this.group.context;
    this.#utter((number, id) => typedMessage(number, id, { part, text }), part);
  }
  #utter(of, part = null) {
    this.unsaid.push({ of, part, id: randomBytes(16), sealed: null });
    this.#enqueue(() => this.#passOn());
  }
  async #passOn() {
    const [first] = this.unsaid;
    if (!first || first.sealed) return;
    first.sealed = toBase64url(await this.group.seal(first.of(this.epoch.said, first.id)));
    this.epoch.said += 1;
    const position = { founding: this.group.context.founding, epoch: Number(this.group.epoch) };
    this.#send({ type: 'sealed', position, message: first.sealed });
  }
  async on_sealed({ position, message }) {
    if (!this.group || position.founding !== this.group.context.founding || BigInt(position.epoch) !== this.group.epoch) return;
    if (this.unsaid[0]?.sealed === message) {
      this.unsaid.shift();
      await this.#passOn();
      return;
    }
    let opened;
    try {
      opened = await this.group.open(fromBase64url(message));
    } catch {
      return; // not for this epoch, opened before, or made up
    }
    const { number, id, kind, body } = readTable(opened.plain);
    const writer = hex(this.roster.find((m) => m.leaf === opened.leaf).letterId);
    const inOrder = number >= (this.epoch.numbers.get(writer) ?? 0);
    if (inOrder) this.epoch.numbers.set(writer, number + 1);
    if (body === null) return;
    if (kind === 11) {
      if (!inOrder || body.part !== this.group.context.part) return;
      if (body.text === '') this.lines.delete(writer);
      else this.lines.set(writer, body.text);
      return;
    }
    if (this.read.has(writer + hex(id))) return;
    this.read.add(writer + hex(id));
    if (kind === 1) {
      this.lines.delete(writer);
      this.texts.push(body);
    } else if (body.what === 'taken back') this.offers.delete(writer + hex(body.id));
    else if (body.part === this.group.context.part) this.offers.set(writer + hex(body.id), body);
  }
  /** The epoch has ended: what was not passed on is sealed anew, but for lines, which are of their part alone. */
  #turnTable(before) {
    if (before && before.context.part !== this.group.context.part) this.lines.clear();
    const here = new Set(this.roster.map((m) => hex(m.letterId)));
    for (const writer of this.lines.keys()) if (!here.has(writer)) this.lines.delete(writer);
    this.unsaid = this.unsaid.filter(({ part }) => part === null || part === this.group.context.part);
    for (const one of this.unsaid) one.sealed = null;
    this.#enqueue(() => this.#passOn());
  }

  on_refused(message) {
    // The epoch ended meanwhile: what ends a commit of one's own is the other commit (§14).
    const ordinary = message.code === 'stale_epoch' && ['commit', 'statement', 'sealed', 'disclose', 'key_frames'].includes(message.re);
    if (!ordinary) this.refusals.push(message);
    if (message.re === 'commit' && !ordinary) this.pending = null;
  }

  // --- epochs -------------------------------------------------------------------------------------------------------

  async #enter(group, roster, judged = null) {
    const before = this.group;
    const others = roster.map((m) => m.leaf).filter((leaf) => leaf !== group.leaf);
    const open = group.context.phase === 'open';
    this.sealers = null;
    if (before && judged?.motion && shuts(before.context, judged.motion)) {
      const counts = [...judged.fins.values()].flatMap((fin) => fin.counts.map(({ kid, count }) => [kid, count]));
      this.opener.bound(before.epoch, new Map(counts));
    }
    if (judged?.motion?.kind === 'close') this.unconfirmedClose = true;
    this.opener.end(this.now() + LATE_FRAMES_MS);
    this.group = group;
    this.roster = roster;
    this.goodbyes ??= new Set();
    for (const member of roster) this.#learnMember(member);
    const start = chainStart(this.#place);
    this.epoch = {
      enteredAtMs: this.now(), beats: new Map(), motion: null, consents: new Map(), fins: new Map(), chains: [start], touched: false,
      said: 0, numbers: new Map(), holding: false, finSaid: null, beat: 0, nextBeatAtMs: 0, rosterHash: rosterHash(roster), authenticatorHash: hash('authenticator', group.authenticator),
    };
    if (group.context.phase === 'adjourned') return;
    this.#turnTable(before);
    const baseKey = await group.baseKey();
    const { founding } = group.context;
    this.opener.enter({ founding, epoch: group.epoch, open, baseKey, leaves: others });
    this.sealers = [MICROPHONE, CAMERA, SCREEN].map((stream) => (
      new Sealer(deriveKey(open, baseKey, kidOf({ founding, epoch: group.epoch, leaf: group.leaf, stream, open })))));
    if (!open) {
      this.appears = false;
      this.unheard = false;
    }
    this.#beat();
    if (open) this.#disclose();
    this.#send({ type: 'key_frames' });
  }

  #disclose() {
    const keys = this.disclosures();
    const signature = signDisclosure(this.letterId, this.letterKey, this.#place, keys);
    this.#send({ type: 'disclose', keys, signature: toBase64url(signature) });
  }

  #beat() {
    const { epoch } = this;
    const n = this.roster.length;
    const intervalMs = INTERVAL_MS * Math.ceil(n / 8);
    const turn = this.roster.filter((m) => m.leaf <= this.group.leaf).length;
    const said = epoch.chains.length - 1;
    this.#say({
      type: 'heartbeat', place: this.#place, beat: epoch.beat, atMs: BigInt(this.now()), authenticator: epoch.authenticatorHash,
      roster: epoch.rosterHash, said, chain: epoch.chains[said],
    });
    epoch.nextBeatAtMs = this.now() + (epoch.beat === 0 ? (intervalMs * turn) / n : intervalMs);
    epoch.beat += 1;
  }

  #fin() {
    this.epoch.holding = true;
    const counts = this.sealers.map((sealer) => ({ kid: sealer.key.kid, count: sealer.count }));
    this.#say({ type: 'fin', motion: this.epoch.motion.id, counts });
  }

  async #tick() {
    if (!this.group || this.alarm || this.group.context.phase === 'adjourned') return;
    if (this.now() >= this.epoch.nextBeatAtMs) this.#beat();
    if (this.pending || !this.epoch.motion) return;
    const { statement, mine } = this.epoch.motion;
    const { kind } = statement.body;
    if (this.#ends) await this.#closeWhenDue();
    else if (mine && (kind === 'adjourn' || this.#allConsent())) await this.#commitMotion({ consents: [...this.epoch.consents.values()] }, []);
  }
  #allConsent() {
    if (this.charter.opening.chair !== null) return true;
    const have = new Set([this.#self.delegation, ...this.epoch.consents.keys()]);
    return this.roster.every((m) => have.has(m.delegation));
  }
  async #closeWhenDue() {
    const { motion, fins } = this.epoch;
    if (!fins.has(this.group.leaf)) return;
    const age = this.now() - motion.seenAtMs;
    const mover = this.roster.find((m) => equal(m.letterId, motion.statement.signer));
    const standIn = Math.min(...[...fins.keys()].filter((leaf) => leaf !== mover.leaf));
    const due = motion.mine ? fins.size === this.roster.length || age > FINS_MS : standIn === this.group.leaf && age > STAND_IN_MS;
    if (!due) return;
    const without = this.roster.filter((m) => !fins.has(m.leaf)).map((m) => m.leaf);
    await this.#commitMotion({ fins: [...fins.values()] }, without);
  }
  async #commitMotion({ consents = [], fins = [] }, remove) {
    const { statement } = this.epoch.motion;
    const evidence = encodeEvidence({
      motion: statement.bytes, consents: consents.map((s) => s.bytes), fins: fins.map((s) => s.bytes),
    });
    const context = contextAfter(this.group.context, statement.body, evidence);
    this.#commit(await this.group.commitContext(context, remove, evidence));
  }
}
