/** Turns a key and its arguments into a sentence. The seam where Fluent takes over. */

export type Arguments = Readonly<Record<string, string | number>>;
export type Speak<Key extends string> = (key: Key, args?: Arguments) => string;

/** `{name}` in a message stands for the argument of that name. */
export function speaker<const Messages extends Readonly<Record<string, string>>>(
  messages: Messages,
): Speak<Extract<keyof Messages, string>> {
  return (key, args = {}) =>
    (messages[key] ?? key).replace(/\{(\w+)\}/g, (_whole, name: string) => String(args[name] ?? ''));
}
