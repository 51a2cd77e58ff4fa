/** Returns a count with its noun: `1 worker`, `2 workers`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
