/**
 * The text of a queue policy with one statement more or less. The text is edited and not rebuilt, so that every other
 * statement stays byte for byte as its author wrote it. jsonc-parser finds the places; its own `modify` is not used, since
 * it damages the text when it removes the last item of a list (3.3.1).
 */
import {
  applyEdits,
  type Edit,
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
} from 'jsonc-parser';

const EMPTY = '{"Version":"2012-10-17","Statement":[]}';

/** Returns the Sid of every statement, empty for one without. Throws on a text that is no policy. */
export const policySids = (text: string): string[] => (text === '' ? [] : find(text).items.map(sidOf));

/**
 * Returns the policy with one statement more, or unchanged when it has one of this Sid.
 *
 * @param statement as JSON text
 */
export function withStatement(text: string, sid: string, statement: string): string {
  const policy = text === '' ? EMPTY : text;
  const { list, items } = find(policy);
  if (items.some((item) => sidOf(item) === sid)) return text;
  const last = items.at(-1);
  if (!list && last)
    // A single statement may stand without a list around it.
    return applyEdits(policy, [insert(last.offset, '['), insert(endOf(last), `,${statement}]`)]);
  return applyEdits(policy, [last ? insert(endOf(last), `,${statement}`) : insert((list?.offset ?? 0) + 1, statement)]);
}

/** Returns the policy without that statement: empty, as SQS is told of no policy, when no other statement is left. */
export function withoutStatement(text: string, sid: string): string {
  if (text === '') return text;
  const { items } = find(text);
  const index = items.findIndex((item) => sidOf(item) === sid);
  const item = items[index];
  if (!item) return text;
  if (items.length === 1) return '';
  // With the comma and the space between it and its neighbor.
  const before = items[index - 1];
  const [from, to] = before ? [endOf(before), endOf(item)] : [item.offset, items[index + 1]!.offset];
  return applyEdits(text, [{ offset: from, length: to - from, content: '' }]);
}

const insert = (offset: number, content: string): Edit => ({ offset, length: 0, content });
const endOf = ({ offset, length }: Node): number => offset + length;

/** The statements, and the list that holds them; a single one may stand without a list. */
function find(text: string): { list?: Node; items: Node[] } {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const found = root && findNodeAtLocation(root, ['Statement']);
  if (errors.length > 0 || !found) throw new Error('the queue policy is not understood');
  return found.type === 'array' ? { list: found, items: found.children ?? [] } : { items: [found] };
}

function sidOf(statement: Node): string {
  const sid = statement.type === 'object' ? findNodeAtLocation(statement, ['Sid']) : undefined;
  return sid?.type === 'string' ? String(getNodeValue(sid)) : '';
}
