// The other side: this project's own member, run by `crates/client/examples/scripted_member.rs`.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const built = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/examples/scripted_member');
const program = process.env.INCAMERA_SCRIPTED_MEMBER ?? built;

export class NativeMember {
  #answers = [];
  #watchers = new Set();
  constructor({ url, meeting, fragment, name }) {
    this.name = name;
    this.view = null;
    this.disclosed = [];
    this.told = [];
    this.texts = [];
    this.lines = new Map();
    this.fatal = null;
    this.child = spawn(program, [url, meeting, name], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.ended = new Promise((resolve) => this.child.on('exit', resolve));
    this.child.stdin.write(`${fragment}\n`);
    createInterface({ input: this.child.stdout }).on('line', (line) => this.#take(JSON.parse(line)));
  }

  #take(report) {
    if (report.is === 'view') this.view = report.view;
    else if (report.is === 'disclosed') this.disclosed.push(...report.keys);
    else if (report.is === 'chat') this.texts.push(report.message);
    else if (report.is === 'typed') this.lines.set(report.line.id, report.line.text);
    else if (report.is === 'notice') this.told.push(report.message);
    else if (report.is === 'fatal') this.fatal = report.message;
    else this.#answers.shift()?.(report);
    for (const watcher of [...this.#watchers]) watcher();
  }

  #order(order) {
    return new Promise((resolve) => {
      this.#answers.push(resolve);
      this.child.stdin.write(`${JSON.stringify(order)}\n`);
    });
  }

  async #must(order) {
    const report = await this.#order(order);
    if (report.is === 'refused') throw new Error(`${this.name}: ${report.why}`);
    return report;
  }

  move(kind, item) { return this.#must({ do: 'command', command: { type: 'move', kind, item } }); }
  consent() { return this.#must({ do: 'consent' }); }
  appear() { return this.#must({ do: 'command', command: { type: 'appear' } }); }
  leave() { return this.#must({ do: 'command', command: { type: 'leave' } }); }

  write(text) { return this.#must({ do: 'command', command: { type: 'write', text } }); }
  type(text) { return this.#must({ do: 'command', command: { type: 'typed', part: this.view.part, text } }); }
  /** Offers a file; gives the sealed bytes, as they would lie at the house. */
  async offer(name, mediaType, file) {
    const { sealed } = await this.#must({ do: 'offer', name, media_type: mediaType, file: file.toString('base64url'), id: 'A'.repeat(22) });
    return Buffer.from(sealed, 'base64url');
  }

  /** A sealed frame; null when it may not send. */
  async seal(stream, frame) {
    const { frame: sealed } = await this.#must({ do: 'seal', stream: ['microphone', 'camera', 'screen'][stream], frame: frame.toString('base64url') });
    return sealed === null ? null : Buffer.from(sealed, 'base64url');
  }
  async open(stream, frame) {
    const { from, frame: plain } = await this.#must({ do: 'open', kind: ['audio', 'video', 'video'][stream], frame: frame.toString('base64url') });
    return { leaf: from.leaf, frame: Buffer.from(plain, 'base64url') };
  }

  /** The code in the words of member.mjs. */
  get code() { return this.view.code.join(' '); }

  until(what, holds, timeoutMs = 20_000) {
    return new Promise((resolve, reject) => {
      const done = (settle, value) => { clearTimeout(timer); this.#watchers.delete(look); settle(value); };
      const fail = (why) => done(reject, new Error(`${this.name}: ${why} before: ${what}\n${JSON.stringify(this.view)} ${this.told}`));
      const look = () => {
        if (this.view && holds(this.view)) done(resolve, this.view);
        else if (this.fatal) fail(`stopped (${this.fatal})`);
      };
      const timer = setTimeout(() => fail('too long'), timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  async stop() { this.child.kill('SIGKILL'); await this.ended; }
}
