// The MLS group of docs/protocol.md §6, on ts-mls: an implementation of RFC 9420 that shares nothing with the server's.

import { randomBytes } from 'node:crypto';
import {
  bytesToBase64, createApplicationMessage, createCommit, createGroup, decodeMlsMessage, emptyPskIndex, encodeMlsMessage, encodeRequiredCapabilities,
  generateKeyPackageWithKey, getCiphersuiteFromName, getCiphersuiteImpl, joinGroup, makePskIndex, mlsExporter,
  processPublicMessage,
} from 'ts-mls';
import { applyProposals, nextEpochContext } from 'ts-mls/clientState.js';
import { createGroupInfoWithRatchetTree } from 'ts-mls/createCommit.js';
import { createConfirmationTag, createContentCommitSignature } from 'ts-mls/framedContent.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
import { protectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import { getCommitSecret, pathToPathSecrets } from 'ts-mls/pathSecrets.js';
import { mergePrivateKeyPaths, toPrivateKeyPath, updateLeafKey } from 'ts-mls/privateKeyPath.js';
import { createSecretTree } from 'ts-mls/secretTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { leafWidth } from 'ts-mls/treemath.js';
import { createUpdatePath } from 'ts-mls/updatePath.js';
import { decodeAll, encode, equal, Malformed } from './codec.mjs';

export const CONTEXT_EXTENSION = 0xf0a1;
const SUITE = 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519';
const CAPABILITIES = {
  versions: ['mls10'], ciphersuites: [SUITE], extensions: [CONTEXT_EXTENSION], proposals: [], credentials: ['basic'],
};
const REQUIRED = encodeRequiredCapabilities({ extensionTypes: [CONTEXT_EXTENSION], proposalTypes: [], credentialTypes: ['basic'] });
const BEFORE_S = 3600n; // for clocks that differ
const LIFETIME_S = 12n * 7n * 86_400n;
const PHASES = ['closed', 'open', 'adjourned'];
export const ZEROS = Buffer.alloc(32);

const cs = await getCiphersuiteImpl(getCiphersuiteFromName(SUITE));

/** Nothing of MLS's own is retained for late messages; who may be in is judged by judge.mjs, before a state is kept. */
const CONFIG = {
  keyRetentionConfig: { retainKeysForGenerations: 0, retainKeysForEpochs: 0, maximumForwardRatchetSteps: 0 },
  lifetimeConfig: { maximumTotalLifetime: LIFETIME_S + BEFORE_S, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: {
    compareKeyPackages: (a, b) => equal(a.leafNode.signaturePublicKey, b.leafNode.signaturePublicKey),
    compareKeyPackageToLeafNode: (a, b) => equal(a.leafNode.signaturePublicKey, b.signaturePublicKey),
  },
  paddingConfig: { kind: 'alwaysPad', padUntilLength: 256 },
  authService: { validateCredential: async (credential) => credential.credentialType === 'basic' },
};

function writeContext(to, c) {
  to.u16(1).fixed(32, c.meeting).u32(c.founding).fixed(16, c.group).u8(PHASES.indexOf(c.phase)).u32(c.part).u32(c.item);
  to.fixed(32, c.warrant);
}
function readContext(from) {
  if (from.u16() !== 1) throw new Malformed('version of the context');
  const c = { meeting: from.fixed(32), founding: from.u32(), group: from.fixed(16), phase: PHASES[from.u8()] };
  if (!c.phase) throw new Malformed('phase');
  return { ...c, part: from.u32(), item: from.u32(), warrant: from.fixed(32) };
}
export const encodeContext = (context) => encode(writeContext, context);

const extensionsOf = (context) => [
  { extensionType: 'required_capabilities', extensionData: REQUIRED },
  { extensionType: CONTEXT_EXTENSION, extensionData: encodeContext(context) },
];

/** The extensions of a GroupContext must be exactly the two of §6, in their order. */
export function readExtensions(extensions) {
  const [required, own] = extensions;
  if (extensions.length !== 2 || required.extensionType !== 'required_capabilities' || own.extensionType !== CONTEXT_EXTENSION
    || !equal(required.extensionData, REQUIRED)) throw new Malformed('extensions of the group');
  return decodeAll(own.extensionData, readContext);
}

export const groupIdOf = (meeting, founding) => encode((to) => to.fixed(32, meeting).u32(founding));
const pskIdOf = (meeting) => Buffer.concat([Buffer.from('incamera 1 meeting secret', 'ascii'), meeting]);

/** Exactly the capabilities of §6. */
export function capabilitiesHold(leaf) {
  const same = (a, b) => a.length === b.length && a.every((value, at) => value === b[at]);
  return Object.keys(CAPABILITIES).every((kind) => same(leaf.capabilities[kind], CAPABILITIES[kind]))
    && leaf.credential.credentialType === 'basic';
}

export function lifetimeHolds(leaf, nowMs) {
  const now = BigInt(Math.floor(nowMs / 1000));
  return leaf.lifetime.notBefore <= now && now <= leaf.lifetime.notAfter;
}

const message = (wireformat, field, value) => Buffer.from(encodeMlsMessage({ version: 'mls10', wireformat, [field]: value }));
function openMessage(bytes, wireformat) {
  const [decoded, size] = decodeMlsMessage(bytes, 0) ?? [];
  if (decoded?.wireformat !== wireformat || size !== bytes.length) throw new Malformed(`no ${wireformat}`);
  return decoded;
}

export async function newKeyPackage(device, identity, nowMs) {
  const begin = BigInt(Math.floor(nowMs / 1000)) - BEFORE_S;
  const made = await generateKeyPackageWithKey(
    { credentialType: 'basic', identity }, CAPABILITIES, { notBefore: begin, notAfter: begin + BEFORE_S + LIFETIME_S }, [],
    { signKey: device.seed, publicKey: device.public }, cs,
  );
  return { ...made, bytes: message('mls_key_package', 'keyPackage', made.publicPackage) };
}
export const openKeyPackage = (bytes) => openMessage(bytes, 'mls_key_package').keyPackage;

/** A member's hold on the group in one epoch: a commit gives another one. Only the keys of single messages move on in it. */
export class Group {
  #psks;
  constructor(state, meetingSecret) {
    this.state = state;
    this.meetingSecret = meetingSecret;
    this.context = readExtensions(state.groupContext.extensions);
    this.epoch = state.groupContext.epoch;
    this.leaf = state.privatePath.leafIndex;
    this.#psks = Group.psks(this.context.meeting, meetingSecret);
  }
  static psks(meeting, secret) { return { [bytesToBase64(pskIdOf(meeting))]: secret }; }

  static async found(kept, context, meetingSecret) {
    const id = groupIdOf(context.meeting, context.founding);
    const state = await createGroup(id, kept.publicPackage, kept.privatePackage, extensionsOf(context), cs, CONFIG);
    return new Group(state, meetingSecret);
  }

  static async join(kept, welcomeBytes, meeting, meetingSecret) {
    const { welcome } = openMessage(welcomeBytes, 'mls_welcome');
    let sawSecret = false;
    const psks = makePskIndex(undefined, Group.psks(meeting, meetingSecret));
    const watched = { findPsk(id) { sawSecret ||= id.psktype === 'external' && equal(id.pskId, pskIdOf(meeting)); return psks.findPsk(id); } };
    const state = await joinGroup(welcome, kept.publicPackage, kept.privatePackage, watched, cs, undefined, undefined, CONFIG);
    if (!sawSecret) throw new Malformed('a Welcome without the meeting secret');
    return new Group(state, meetingSecret);
  }

  /** §11d: application data, filled up to a multiple of 256 bytes with what MLS puts beside it: the length and a signature. */
  async seal(plain) {
    const beside = (plain.length < 64 ? 1 : 2) + 66;
    const padUntilLength = Math.ceil((plain.length + beside) / 256) * 256;
    const clientConfig = { ...CONFIG, paddingConfig: { kind: 'padUntilLength', padUntilLength } };
    const { newState, privateMessage } = await createApplicationMessage({ ...this.state, clientConfig }, plain, cs);
    this.state = { ...newState, clientConfig: CONFIG };
    return message('mls_private_message', 'privateMessage', privateMessage);
  }
  /** Throws what does not open, or has been opened before. */
  async open(bytes) {
    const { privateMessage } = openMessage(bytes, 'mls_private_message');
    if (!equal(privateMessage.groupId, this.groupId) || privateMessage.epoch !== this.epoch) throw new Malformed('of another epoch');
    const { secretTree, ratchetTree, groupContext, keySchedule } = this.state;
    const opened = await unprotectPrivateMessage(keySchedule.senderDataSecret, privateMessage, secretTree, ratchetTree, groupContext, CONFIG.keyRetentionConfig, cs);
    const { content } = opened.content;
    if (content.contentType !== 'application' || content.authenticatedData.length > 0) throw new Malformed('no application data');
    this.state = { ...this.state, secretTree: opened.tree };
    return { leaf: content.sender.leafIndex, plain: Buffer.from(content.applicationData) };
  }

  get authenticator() { return Buffer.from(this.state.keySchedule.epochAuthenticator); }
  get groupId() { return Buffer.from(this.state.groupContext.groupId); }
  leaves() {
    return this.state.ratchetTree.flatMap((node, at) => (node?.nodeType === 'leaf' ? [{ leaf: at / 2, node: node.leaf }] : []));
  }

  /** §10: the base key of this epoch. */
  async baseKey() {
    const { exporterSecret } = this.state.keySchedule;
    const { phase, founding, part } = this.context;
    const exported = phase === 'open'
      ? await mlsExporter(exporterSecret, 'incamera 1 open part', encode((to) => to.u32(founding).u32(part)), 48, cs)
      : await mlsExporter(exporterSecret, 'SFrame 1.0 Base Key', new Uint8Array(), 32, cs);
    return Buffer.from(exported);
  }

  async groupInfo() {
    const { groupContext, confirmationTag, ratchetTree } = this.state;
    return message('mls_group_info', 'groupInfo', await createGroupInfoWithRatchetTree(groupContext, confirmationTag, this.state, ratchetTree, [], cs));
  }

  get #secretProposal() {
    const preSharedKeyId = { psktype: 'external', pskId: pskIdOf(this.context.meeting), pskNonce: randomBytes(cs.hash ? 32 : 0) };
    return { proposalType: 'psk', psk: { preSharedKeyId } };
  }

  /** Adds and removes, with the meeting secret where §6 asks for it. */
  async commitMembers({ add = [], remove = [] }) {
    const proposals = [
      ...remove.map((removed) => ({ proposalType: 'remove', remove: { removed } })),
      ...add.map((keyPackage) => ({ proposalType: 'add', add: { keyPackage } })),
      ...(add.length > 0 || this.epoch === 0n ? [this.#secretProposal] : []),
    ];
    const { commit, welcome, newState } = await createCommit(
      { state: this.state, cipherSuite: cs, pskIndex: makePskIndex(this.state, this.#psks) },
      { wireAsPublicMessage: true, extraProposals: proposals, ratchetTreeExtension: true },
    );
    return {
      commit: Buffer.from(encodeMlsMessage(commit)),
      welcome: welcome ? message('mls_welcome', 'welcome', welcome) : null,
      next: new Group(newState, this.meetingSecret),
    };
  }

  /**
   * A commit that changes the context (and may remove). ts-mls 1.6.4 makes no update path for a GroupContextExtensions
   * proposal, which RFC 9420 §12.4 demands, and seals paths under the extensions that end: so it is put together here.
   */
  async commitContext(context, remove, evidence) {
    const { state } = this;
    const extensions = extensionsOf(context);
    const proposals = [
      ...remove.map((removed) => ({ proposalType: 'remove', remove: { removed } })),
      { proposalType: 'group_context_extensions', groupContextExtensions: { extensions } },
      ...(this.epoch === 0n ? [this.#secretProposal] : []),
    ].map((proposal) => ({ proposalOrRefType: 'proposal', proposal }));
    const applied = await applyProposals(state, proposals, this.leaf, makePskIndex(state, this.#psks), true, cs);
    const provisional = { ...state.groupContext, extensions };
    const [tree, path, pathSecrets, leafKey] = await createUpdatePath(applied.tree, this.leaf, provisional, state.signaturePrivateKey, cs);
    const top = pathSecrets.at(-1);
    if (!top) throw new Malformed('nobody else is in the group');
    const commitSecret = await getCommitSecret(tree, top.nodeIndex, top.secret, cs.kdf);
    const { signature, framedContent } = await createContentCommitSignature(
      state.groupContext, 'mls_public_message', { proposals, path }, { senderType: 'member', leafIndex: this.leaf },
      evidence, state.signaturePrivateKey, cs.signature,
    );
    const groupContext = await nextEpochContext(
      provisional, 'mls_public_message', framedContent, signature, await treeHashRoot(tree, cs.hash), state.confirmationTag, cs.hash,
    );
    const secrets = await initializeEpoch(state.keySchedule.initSecret, commitSecret, groupContext, applied.pskSecret, cs.kdf);
    const confirmationTag = await createConfirmationTag(secrets.keySchedule.confirmationKey, groupContext.confirmedTranscriptHash, cs.hash);
    const publicMessage = await protectPublicMessage(state.keySchedule.membershipKey, state.groupContext, {
      wireformat: 'mls_public_message', content: framedContent, auth: { contentType: 'commit', signature, confirmationTag },
    }, cs);
    const privatePath = mergePrivateKeyPaths(
      updateLeafKey(state.privatePath, await cs.hpke.exportPrivateKey(leafKey)),
      await toPrivateKeyPath(pathToPathSecrets(pathSecrets), this.leaf, cs),
    );
    const next = {
      ...state, groupContext, ratchetTree: tree, keySchedule: secrets.keySchedule, privatePath, confirmationTag, unappliedProposals: {},
      secretTree: await createSecretTree(leafWidth(tree.length), secrets.encryptionSecret, cs.kdf),
    };
    return { commit: message('mls_public_message', 'publicMessage', publicMessage), welcome: null, next: new Group(next, this.meetingSecret) };
  }

  /** What a commit would do, by RFC 9420's own checks: nothing is kept. `next` is null if it removes this member. */
  async stage(bytes) {
    const { publicMessage } = openMessage(bytes, 'mls_public_message');
    const { content } = publicMessage;
    if (content.contentType !== 'commit' || content.sender.senderType !== 'member') throw new Malformed('not a member’s commit');
    if (content.commit.proposals.some((p) => p.proposalOrRefType !== 'proposal')) throw new Malformed('a proposal by reference');
    if (!equal(content.groupId, this.groupId)) throw new Malformed('of another group');
    const { newState } = await processPublicMessage(this.state, publicMessage, makePskIndex(this.state, this.#psks), cs);
    const removed = newState.groupActiveState.kind !== 'active';
    return {
      sender: content.sender.leafIndex,
      proposals: content.commit.proposals.map((p) => p.proposal),
      path: content.commit.path?.leafNode ?? null,
      evidence: Buffer.from(content.authenticatedData),
      carriesSecret: content.commit.proposals.some(({ proposal: p }) => p.proposalType === 'psk' && this.#isSecret(p.psk.preSharedKeyId)),
      isSecret: (p) => this.#isSecret(p.psk.preSharedKeyId),
      next: removed ? null : new Group(newState, this.meetingSecret),
    };
  }
  #isSecret(id) { return id.psktype === 'external' && equal(id.pskId, pskIdOf(this.context.meeting)); }
}
export { emptyPskIndex };
