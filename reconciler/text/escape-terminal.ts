/**
 * The one filter for other people's text on its way to a terminal. Names, keys and messages come from documents, AWS
 * answers and logs: an escape sequence in them could move the cursor, and a newline could forge a line of output.
 */

/**
 * Control characters, format characters (text direction, zero width), line and paragraph separators, and halves of
 * surrogate pairs.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOne(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (SHORT[character] !== undefined) return SHORT[character];
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Returns the text on one line, with every character that a terminal would obey shown as an escape such as `\x1b`. */
export const escapeTerminal = (text: string): string => text.replace(UNSAFE, escapeOne);

/** Returns a text of several lines with each line escaped. Tabs stay: documents may hold them. */
export const escapeLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.split('\t').map(escapeTerminal).join('\t'))
    .join('\n');

/** Returns a copy of a JSON value in which every string, keys included, has passed `escapeTerminal`. */
export function escapeStrings<T>(value: T): T;
export function escapeStrings(value: unknown): unknown {
  if (typeof value === 'string') return escapeTerminal(value);
  if (Array.isArray(value)) return value.map((item: unknown) => escapeStrings(item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [escapeTerminal(key), escapeStrings(item)]));
}
