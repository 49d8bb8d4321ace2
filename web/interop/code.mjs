// The short code that every screen shows alike, docs/protocol.md §12.

export function shortCode(authenticator) {
  const groups = [];
  for (let at = 0; at < 30; at += 5) {
    const number = authenticator.subarray(at, at + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    groups.push(String(number % 100_000).padStart(5, '0'));
  }
  return groups.join(' ');
}
