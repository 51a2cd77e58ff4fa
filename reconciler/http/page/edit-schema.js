/** Finds the place of the cursor in a document, and what the schema says of it: for completion and for hover text. */

/** Returns the keys, items and texts of one line of YAML or JSON, with their columns. */
function partsOf(line) {
  const parts = [];
  let at = line.search(/\S/);
  if (at < 0 || line[at] === '#') return { indent: at, parts };
  const indent = at;
  while (/^-\s/.test(line.slice(at)) || line.slice(at) === '-') {
    parts.push({ kind: 'item', at });
    at += 1 + (/^-(\s*)/.exec(line.slice(at))[1].length || 1);
  }
  const key = /^(["']?)([\w.-]+)\1\s*:(?=\s|$|[{[])/.exec(line.slice(at));
  if (key) parts.push({ kind: 'key', at, name: key[2], rest: at + key[0].length });
  return { indent, parts };
}

/** Returns the path inside braces and brackets that are open at the end of a text, such as `fault: { type: drain, `. */
function flowPath(text) {
  const open = [];
  let word = '';
  for (const part of text.match(/"[^"]*"|'[^']*'|[\w.-]+|[{}[\]:,]/g) ?? []) {
    if (part === '{') {
      if (word) open.push(word);
      open.push('{');
      word = '';
    } else if (part === '[') {
      if (word) open.push(word);
      open.push('[');
      word = '';
    } else if (part === '}' || part === ']') {
      open.pop();
      if (open.length > 0 && !'{['.includes(open.at(-1))) open.pop();
      word = '';
    } else if (part === ',') word = '';
    else if (part !== ':') word = part.replaceAll(/["']/g, '');
  }
  return { keys: open.filter((o) => o !== '{').map((o) => (o === '[' ? '[]' : o)), open: open.length > 0, word };
}

/**
 * Returns { path, value, type } of a position: the path of keys to it ('[]' for an item), whether it stands where a value
 * does, and the `type:` beside it. `row` and `col` count from 0.
 */
export function placeIn(lines, row, col) {
  const line = lines[row] ?? '';
  const before = line.slice(0, col);
  const { parts } = partsOf(before.length > 0 ? before : '');
  const key = parts.find((p) => p.kind === 'key');
  const inside = key ? flowPath(before.slice(key.rest)) : flowPath(before);
  const path = [];
  let limit = parts.find((p) => p.kind === 'item')?.at ?? key?.at ?? before.length - wordBefore(before).length;
  if (parts.some((p) => p.kind === 'item')) path.push('[]');
  let above = limit;
  let lastWasItem = path.length > 0;
  for (let i = row - 1; i >= 0; i--) {
    for (const p of partsOf(lines[i]).parts.reverse()) {
      const isParent = p.at < above || (p.kind === 'key' && lastWasItem && p.at === above);
      if (!isParent) continue;
      path.unshift(p.kind === 'item' ? '[]' : p.name);
      above = p.at;
      lastWasItem = p.kind === 'item';
    }
    if (above === 0 && !lastWasItem) break;
  }
  limit = key?.at ?? limit;
  if (key) path.push(key.name);
  const value = key !== undefined && !inside.open;
  if (inside.open) path.push(...inside.keys);
  const inFlowValue = inside.open && /:\s*["'\w.-]*$/.test(before) && inside.word !== '';
  if (inFlowValue) path.push(/([\w.-]+)["']?\s*:\s*["'\w.-]*$/.exec(before)?.[1] ?? inside.word);
  return { path, value: value || inFlowValue, type: typeNear(lines, row, before, inside.open) };
}

const wordBefore = (text) => /[\w.-]*$/.exec(text)[0];

/** Returns the `type:` that the object around a line has: in its braces, or on a line of its item. */
function typeNear(lines, row, before, inFlow) {
  const pattern = /\btype["']?\s*:\s*["']?([\w-]+)/;
  if (inFlow) return pattern.exec(lines[row].slice(before.lastIndexOf('{')))?.[1];
  const start = partsOf(lines[row]);
  const own = start.parts.find((p) => p.kind === 'key')?.at ?? (start.indent < 0 ? before.length : start.indent);
  for (let i = row; i >= 0; i--) {
    const { parts } = partsOf(lines[i]);
    const key = parts.find((p) => p.kind === 'key');
    if (key?.at === own && key.name === 'type') return pattern.exec(lines[i])?.[1];
    if (key && key.at < own) break;
    if (i < row && parts[0]?.kind === 'item' && parts[0].at < own) break;
  }
  for (let i = row + 1; i < lines.length; i++) {
    const { parts } = partsOf(lines[i]);
    const first = parts[0];
    if (first && (first.at < own || first.kind === 'item')) break;
    if (first?.at === own && first.name === 'type') return pattern.exec(lines[i])?.[1];
  }
  return undefined;
}

/** Returns the alternatives of a schema, also those within alternatives. */
const choices = (schema) => (schema.oneOf ?? schema.anyOf)?.flatMap(choices) ?? [schema];

/** Returns the schemas that may stand at a path. Where objects differ by their `type`, only those of the type beside it. */
export function schemasAt(root, path, type) {
  let found = [root];
  path.forEach((step, i) => {
    const last = i === path.length - 1;
    found = found.flatMap((schema) => {
      const all = choices(deref(root, schema)).map((s) => deref(root, s));
      if (step === '[]') return all.flatMap((s) => (s.items ? [s.items] : []));
      // JSON and flow sequences have no dash before an item.
      const objects = all.flatMap((s) => (s.items ? choices(deref(root, s.items)) : [s])).map((s) => deref(root, s));
      const fitting = last ? ofType(objects, type) : objects;
      return fitting.flatMap(
        (s) => s.properties?.[step] ?? (typeof s.additionalProperties === 'object' ? s.additionalProperties : []),
      );
    });
  });
  return found.flatMap((s) =>
    choices(deref(root, s)).map((o) => ({
      ...deref(root, o),
      ...(s.description ? { description: s.description } : {}),
    })),
  );
}

const deref = (root, schema) => {
  if (!schema?.$ref) return schema ?? {};
  return (
    schema.$ref
      .replace(/^#\//, '')
      .split('/')
      .reduce((at, part) => at?.[part], root) ?? {}
  );
};

function ofType(objects, type) {
  const named = objects.filter((o) => o.properties?.type?.const === type);
  return type !== undefined && named.length > 0 ? named : objects;
}

/** Returns the fields that an object at this path may have: [name, schema, required]. */
export function fieldsAt(root, path, type) {
  const objects = schemasAt(root, path).flatMap((s) =>
    s.items && s.type === 'array' ? choices(deref(root, s.items)) : [s],
  );
  const fields = new Map();
  for (const object of ofType(
    objects.map((o) => deref(root, o)),
    type,
  ))
    for (const [name, schema] of Object.entries(object.properties ?? {}))
      if (!fields.has(name)) fields.set(name, [name, deref(root, schema), object.required?.includes(name) ?? false]);
  return [...fields.values()];
}

/** Returns the values that the schema names for a path. */
export function valuesAt(root, path, type) {
  const values = schemasAt(root, path, path.at(-1) === 'type' ? undefined : type).flatMap((s) =>
    s.const !== undefined
      ? [s.const]
      : s.enum
        ? s.enum
        : s.type === 'boolean'
          ? [true, false]
          : s.default === undefined || typeof s.default === 'object'
            ? []
            : [s.default],
  );
  return [...new Set(values.map(String))];
}

/** Returns what is said of a field: its kind, its limits, its default and its description. */
export function wordsOf(schema) {
  const kind =
    schema.enum?.join(' | ') ?? (schema.const === undefined ? (schema.type ?? 'one of several') : String(schema.const));
  const from =
    schema.minimum ?? (schema.exclusiveMinimum === undefined ? undefined : `above ${schema.exclusiveMinimum}`);
  const range =
    from === undefined ? '' : schema.maximum === undefined ? `, ${from} or more` : `, ${from} to ${schema.maximum}`;
  const preset =
    schema.default === undefined || typeof schema.default === 'object' ? '' : `, default ${schema.default}`;
  return { kind: `${kind}${range}${preset}`, description: schema.description ?? '' };
}
