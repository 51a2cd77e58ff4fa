/** The reference of the document, made from its schema: what is written there cannot disagree with what is checked. */
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

/** Markdown: one table for each object of the document, in its order. */
export function policyReference(): string {
  const root = policyJsonSchema() as Node;
  const sections: Section[] = [];
  collect('', root, sections);
  return sections.map(table).join('\n\n');
}

/** Objects first come, first listed; unions give one section for each of their kinds. */
function collect(path: string, node: Node, sections: Section[]): void {
  const kinds = node.oneOf ?? node.anyOf;
  if (kinds?.every((k) => k.properties)) {
    for (const kind of kinds) collect(`${path} (${kindOf(kind)})`, kind, sections);
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

/** The fixed value of a union's discriminator. */
function kindOf({ properties = {} }: Node): string {
  const fixed = Object.entries(properties).find(([, p]) => p.const !== undefined);
  return fixed ? `${fixed[0]}: ${String(fixed[1].const)}` : '';
}

function table({ path, node }: Section): string {
  const rows = Object.entries(node.properties ?? {}).map(([name, child]) => {
    const needed = node.required?.includes(name) && child.default === undefined;
    const [, says = '', spoken] = /^(.*?)(?:\. Default: (\w+))?(?= \(|$)/s.exec(child.description ?? '') ?? [];
    const meaning =
      spoken === undefined
        ? (child.description ?? '')
        : says + (child.description ?? '').slice(says.length + `. Default: ${spoken}`.length);
    const fallback = needed ? '**required**' : spoken ? `\`${spoken}\`` : defaultOf(child);
    const cells = [`\`${name}\``, typeOf(child), fallback, meaning];
    return `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const head = `## ${path === '' ? 'The document' : `\`${path.replace(/ \((.+)\)/, '` ($1)').replace(/`([^`]*)$/, '`$1')}`}`;
  const title = head.split('`').length % 2 === 0 ? `${head}\`` : head;
  const says = node.description && path !== '' ? `\n${node.description}\n` : '';
  return `${title}\n${says}\n| field | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}`;
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum)
    return node.enum
      .map((v) => `\`${String(v)}\``)
      .join(' \\| ')
      .replaceAll('\\|', '|');
  const kinds = node.oneOf ?? node.anyOf;
  if (kinds)
    return kinds.every((k) => k.properties) ? 'object, see below' : [...new Set(kinds.map(typeOf))].join(' or ');
  if (node.items)
    return node.items.properties || node.items.oneOf ? 'list, see below' : `list of ${typeOf(node.items)}`;
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
