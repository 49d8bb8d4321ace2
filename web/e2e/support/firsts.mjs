// When things first happen in a page, in milliseconds since the click on *Join*: `window.firsts`.

/**
 * Run in the page before anything else of it; `pictures` are looked for until so many are there. Looking costs, so it ends
 * then: whoever measures anything else waits for `all`.
 */
export function noteFirsts(pictures) {
  const firsts = (window.firsts = {});
  let clicked = 0;
  const note = (what) => {
    if (clicked && !(what in firsts)) firsts[what] = Math.round(performance.now() - clicked);
  };
  addEventListener(
    'click',
    (event) => {
      if (/Join the meeting/.test(event.target?.closest?.('button')?.textContent ?? '')) clicked ||= performance.now();
    },
    { capture: true },
  );
  // What the page's worker says: that its key is to be kept, that the line is up, the ticket, that it has keys.
  const Plain = window.Worker;
  window.Worker = class extends Plain {
    constructor(...how) {
      super(...how);
      this.addEventListener('message', ({ data }) => {
        if (['keep', 'socket', 'media', 'keyed'].includes(data?.type)) note(data.type);
      });
    }
  };
  const asked = window.fetch;
  window.fetch = async (...call) => {
    const answer = asked(...call);
    if (String(call[0]).endsWith('/api/media')) {
      note('offered');
      answer.then(() => note('answered'));
    }
    return answer;
  };
  const looking = setInterval(() => {
    const connection = window.connections.at(-1);
    if (!clicked || !connection) return;
    if (connection.connectionState === 'connected') note('connected');
    let seen = 0;
    for (const receiver of connection.getReceivers()) {
      // A source is there once something of it was decoded; what cannot be decrypted never gets so far.
      if (receiver.getSynchronizationSources().length === 0) continue;
      note(receiver.track.kind === 'audio' ? 'sound' : 'picture');
      if (receiver.track.kind === 'video') seen += 1;
    }
    if (seen < pictures || !('sound' in firsts)) return;
    note('all');
    clearInterval(looking);
  }, 5);
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
