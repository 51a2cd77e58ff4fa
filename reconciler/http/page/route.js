/** Reads and makes addresses of the page: #/p/NAME/at/TIME?from=...&to=... Times are ISO 8601. */

/** Returns { policy, at, range, query } of an address; parts that are absent or damaged are undefined. */
export function placeOf(hash) {
  const [path, search = ''] = hash.replace(/^#/, '').split('?');
  const query = new URLSearchParams(search);
  const found = /^\/p\/([^/]+)(?:\/at\/([^/]+))?$/.exec(path);
  const from = timeOf(query.get('from'));
  const to = timeOf(query.get('to'));
  return {
    policy: decoded(found?.[1]),
    at: timeOf(decoded(found?.[2])),
    range: from !== undefined && to !== undefined && from < to ? { from, to } : undefined,
    query,
  };
}

export function addressOf({ policy, at, range }) {
  const path = policy === undefined ? '#/' : `#/p/${encodeURIComponent(policy)}`;
  const moment = at === undefined ? '' : `/at/${new Date(at).toISOString()}`;
  const iso = (ms) => new Date(ms).toISOString();
  return `${path}${moment}${range ? `?from=${iso(range.from)}&to=${iso(range.to)}` : ''}`;
}

function decoded(text) {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return text;
  }
}

function timeOf(text) {
  const at = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
