/**
 * A queue policy's text with one statement more or less. The text is edited and not rebuilt, so that every other
 * statement stays byte for byte as its author wrote it.
 */
import { isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';

const BARE = '{"Version":"2012-10-17","Statement":[]}';

interface Place {
  start: number;
  end: number;
  sid: string;
}

interface Statements {
  /** Where the value of "Statement" stands. */
  start: number;
  end: number;
  isList: boolean;
  items: Place[];
}

/** The Sid of every statement, empty for one without. Throws on a text that is no policy. */
export const policySids = (text: string): string[] => (text === '' ? [] : find(text).items.map(({ sid }) => sid));

/** @param statement as JSON text. Unchanged when a statement of this Sid is there. */
export function withStatement(text: string, sid: string, statement: string): string {
  const policy = text === '' ? BARE : text;
  const { start, end, isList, items } = find(policy);
  if (items.some((item) => item.sid === sid)) return text;
  const last = items.at(-1);
  if (!isList) return splice(policy, start, end, `[${policy.slice(start, end)},${statement}]`);
  return last ? splice(policy, last.end, last.end, `,${statement}`) : splice(policy, start + 1, start + 1, statement);
}

/** Empty, which is how SQS is told of no policy, when no other statement is left. Unchanged when there is no such Sid. */
export function withoutStatement(text: string, sid: string): string {
  if (text === '') return text;
  const { items } = find(text);
  const i = items.findIndex((item) => item.sid === sid);
  if (i < 0) return text;
  if (items.length === 1) return '';
  const before = items[i - 1];
  // With the comma and the space that part it from its neighbour.
  return before ? splice(text, before.end, items[i]!.end, '') : splice(text, items[i]!.start, items[i + 1]!.start, '');
}

const splice = (text: string, start: number, end: number, by: string): string =>
  text.slice(0, start) + by + text.slice(end);

/** JSON is a part of YAML, and the YAML parser knows where each value stands. */
function find(text: string): Statements {
  const document = parseDocument(text, { strict: false, uniqueKeys: false });
  const value = isMap(document.contents) ? document.contents.get('Statement', true) : undefined;
  if (document.errors.length > 0 || !isNode(value) || !value.range)
    throw new Error('the queue policy is not understood');
  const [start, end] = value.range;
  const nodes = isSeq(value) ? value.items : [value];
  const items = nodes.flatMap((node): Place[] => {
    if (!isMap(node) || !node.range) return [];
    const sid = node.get('Sid', true);
    return [{ start: node.range[0], end: node.range[1], sid: isScalar(sid) ? String(sid.value) : '' }];
  });
  return { start, end, isList: isSeq(value), items };
}
