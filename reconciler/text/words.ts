/** Sentences that many messages share. */

/** The `todo` of a warning about something that Sluice tries again. */
export const RETRIES_BY_ITSELF = 'Sluice retries by itself; nothing to do unless this lasts longer than 5 minutes';
/** The `todo` of an error that no input should be able to cause. */
export const REPORT_DEFECT = 'report this: it is a defect of Sluice';

/** Returns a count with its noun, such as `1 task` or `2 tasks`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
