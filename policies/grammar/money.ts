/** Returns an amount with its currency for people: `40.00 USD`. */
export const money = (amount: number, currency: string): string => `${amount.toFixed(2)} ${currency}`;
