/** Parses the forms of the query protocol, in which `Entry.1.Id=a` is member `Id` of the first item of `Entry`. */

/** A field of a form: its own value, or the fields below it. */
export interface Field {
  value: string | undefined;
  below: Map<string, Field>;
}

/** Levels of a name. SQS needs five; the bound keeps a hostile form small. */
const DEEPEST = 8;

/** A field that was not sent. */
export const NOTHING: Field = { value: undefined, below: new Map() };

const empty = (): Field => ({ value: undefined, below: new Map() });

/** Returns the form as a tree. A name that goes too deep is left out. */
export function parseForm(pairs: URLSearchParams): Field {
  const root = empty();
  for (const [name, value] of pairs) {
    const path = name.split('.');
    if (path.length > DEEPEST) continue;
    let field = root;
    for (const part of path) {
      const next = field.below.get(part) ?? empty();
      field.below.set(part, next);
      field = next;
    }
    field.value = value;
  }
  return root;
}

/** Returns the items of a list in the order of their numbers. A list of one item may lack the number. */
export function items(field: Field): Field[] {
  const numbered = [...field.below].filter(([name]) => /^\d+$/.test(name));
  if (numbered.length === 0) return field.below.size > 0 || field.value !== undefined ? [field] : [];
  return numbered.sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);
}
