/** Holds all policies as the server last told them; server-sent events keep them up to date. */

export const policies = new Map();
const listeners = new Set();

/** Calls f({ policies: names, entries, deleted }) at each change. The returned function unsubscribes. */
export function onChange(f) {
  listeners.add(f);
  return () => listeners.delete(f);
}

const tell = (change) => {
  for (const f of listeners) f({ policies: [], entries: [], deleted: [], ...change });
};

export async function get(path) {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ?? `HTTP ${response.status}`);
  return body;
}

const TOKEN = 'sluice-token';
export const token = {
  get: () => sessionStorage.getItem(TOKEN) ?? '',
  set: (value) => (value ? sessionStorage.setItem(TOKEN, value) : sessionStorage.removeItem(TOKEN)),
};

/** Posts and returns the answer. An answer that is not OK is thrown, with its body in `answer`. */
export async function post(path, body) {
  const headers = { 'content-type': 'application/json' };
  if (token.get()) headers.authorization = `Bearer ${token.get()}`;
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error ?? `HTTP ${response.status}`), { answer });
  return answer;
}

/** Resolves once the first list has come: until then an unknown policy may be known after all. */
let heard;
export const ready = new Promise((resolve) => {
  heard = resolve;
});

/**
 * Connects and tells `say` the state of the connection: connecting, live or lost. The browser reconnects by itself. `lead`
 * gets the reconciler whenever the server tells of it.
 */
export function connect(say, lead) {
  say('connecting');
  const source = new EventSource('/api/events');
  let first = true;
  source.addEventListener('open', () => {
    // After a break the first list is complete: policies that are not in it were deleted.
    first = true;
    say('live');
  });
  source.addEventListener('error', () => say('lost'));
  source.addEventListener('policies', ({ data }) => {
    const list = JSON.parse(data);
    const deleted = [];
    if (first) {
      const names = new Set(list.map((p) => p.name));
      for (const name of policies.keys()) if (!names.has(name)) deleted.push(name);
      for (const name of deleted) policies.delete(name);
    }
    first = false;
    for (const p of list) policies.set(p.name, p);
    tell({ policies: list.map((p) => p.name), deleted });
    heard();
  });
  source.addEventListener('reconciler', ({ data }) => lead(JSON.parse(data)));
  source.addEventListener('entries', ({ data }) => tell({ entries: JSON.parse(data) }));
  source.addEventListener('deleted', ({ data }) => {
    const deleted = JSON.parse(data);
    for (const name of deleted) policies.delete(name);
    tell({ deleted });
  });
}
