/** Refusals after which nothing that a device has kept is of any use: it is removed, and trying again is no help. */

const FINAL = ['letter_revoked', 'letter_expired', 'slot_taken', 'credential', 'adjourned'] as const;

export const isFinal = (code: string): boolean => FINAL.some((final) => final === code);
