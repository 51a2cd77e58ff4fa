/** The reference of the document, made from its schema, so that the reference cannot disagree with the checks. */
import { policyJsonSchema } from './schema.ts';

interface Node {
  type?: string | string[];
  description?: string;
  properties?: Record<string, Node>;
  required?: string[];
  items?: Node;
  anyOf?: Node[];
  oneOf?: Node[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
}

interface Section {
  path: string;
  node: Node;
}

/** Returns Markdown: one table for each object of the document, in its order. */
export function policyReference(): string {
  const root = policyJsonSchema() as Node;
  const sections: Section[] = [];
  collect('', root, sections);
  return sections.map(table).join('\n\n');
}

/** Adds a section for each object, in the order of the document, and for each kind of a union. */
function collect(path: string, node: Node, sections: Section[]): void {
  const kinds = kindsOf(node);
  if (kinds.length > 0) {
    for (const kind of kinds) collect(`${path} (${nameOf(kind)})`, kind, sections);
    return;
  }
  if (node.items) {
    collect(`${path}[]`, node.items, sections);
    return;
  }
  if (!node.properties) return;
  sections.push({ path, node });
  for (const [name, child] of Object.entries(node.properties))
    collect(path === '' ? name : `${path}.${name}`, child, sections);
}

/** Returns the objects of a union, those of unions within it included; none when the node is no union of objects. */
function kindsOf(node: Node): Node[] {
  const kinds = node.oneOf ?? node.anyOf ?? [];
  const all = kinds.flatMap((kind) => {
    const inner = kindsOf(kind);
    // The description of an inner union is that of each of its kinds.
    return inner.length > 0 ? inner.map((k) => ({ description: kind.description ?? '', ...k })) : [kind];
  });
  return all.every((kind) => kind.properties) ? all : [];
}

/** Returns the fixed values of a kind: `type: partition, method: queuePolicy`. */
const nameOf = ({ properties = {} }: Node): string =>
  Object.entries(properties)
    .filter(([, { const: value }]) => value !== undefined && typeof value === 'string')
    .map(([key, { const: value }]) => `${key}: ${String(value)}`)
    .join(', ');

function table({ path, node }: Section): string {
  const rows = Object.entries(node.properties ?? {}).map(([name, child]) => {
    const needed = node.required?.includes(name) && child.default === undefined;
    const [, words = '', spoken] = /^(.*?)(?:\. Default: (\w+))?(?= \(|$)/s.exec(child.description ?? '') ?? [];
    const meaning =
      spoken === undefined
        ? (child.description ?? '')
        : words + (child.description ?? '').slice(words.length + `. Default: ${spoken}`.length);
    const fallback = needed ? '**required**' : spoken ? `\`${spoken}\`` : defaultOf(child);
    const cells = [`\`${name}\``, typeOf(child), fallback, meaning];
    return `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const head = `## ${path === '' ? 'The document' : `\`${path.replace(/ \((.+)\)/, '` ($1)').replace(/`([^`]*)$/, '`$1')}`}`;
  const title = head.split('`').length % 2 === 0 ? `${head}\`` : head;
  const intro = node.description && path !== '' ? `\n${node.description}\n` : '';
  return `${title}\n${intro}\n| field | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}`;
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum)
    return node.enum
      .map((v) => `\`${String(v)}\``)
      .join(' \\| ')
      .replaceAll('\\|', '|');
  if (kindsOf(node).length > 0) return 'object, see below';
  const forms = node.oneOf ?? node.anyOf;
  if (forms) return [...new Set(forms.map(typeOf))].join(' or ');
  if (node.items)
    return node.items.properties || kindsOf(node.items).length > 0
      ? 'list, see below'
      : `list of ${typeOf(node.items)}`;
  if (node.properties) return 'object, see below';
  if (isDuration(node)) return 'duration';
  return `${String(node.type ?? 'any')}${range(node)}`;
}

function range({ minimum, maximum, exclusiveMinimum }: Node): string {
  const huge = (n: number | undefined): boolean => n === undefined || Math.abs(n) >= Number.MAX_SAFE_INTEGER;
  if (exclusiveMinimum !== undefined && huge(maximum)) return ` above ${exclusiveMinimum}`;
  if (huge(minimum) && huge(maximum)) return '';
  if (huge(maximum)) return ` from ${minimum}`;
  return ` ${huge(minimum) ? 'up' : minimum} to ${maximum}`;
}

const isDuration = ({ pattern = '' }: Node): boolean => pattern.includes('(ms|s|m|h|d)');

function defaultOf(node: Node): string {
  if (node.default === undefined) return '';
  const value = node.default;
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
    return Array.isArray(value) ? 'none' : '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
