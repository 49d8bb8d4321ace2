// The public's socket, docs/protocol.md §15: what was disclosed, as anybody sees it.

export class Gallery {
  constructor({ url, meeting }) {
    this.keys = [];
    this.watchers = new Set();
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/meetings/${meeting}/gallery`);
    this.socket.addEventListener('message', ({ data }) => {
      if (data === '') return; // the house is there
      const message = JSON.parse(data);
      if (message.type === 'here' || message.type === 'disclosed') this.keys.push(...message.keys);
      for (const watcher of [...this.watchers]) watcher();
    });
  }
  /** The disclosure of a KID, once it is there. */
  disclosed(kid, timeoutMs = 10_000) {
    return new Promise((resolve, reject) => {
      const done = (settle, value) => { clearTimeout(timer); this.watchers.delete(look); settle(value); };
      const look = () => {
        const found = this.keys.find((key) => key.kid === kid);
        if (found) done(resolve, found);
      };
      const timer = setTimeout(() => done(reject, new Error(`${kid} was not disclosed`)), timeoutMs);
      this.watchers.add(look);
      look();
    });
  }
  stop() { this.socket.close(); }
}
