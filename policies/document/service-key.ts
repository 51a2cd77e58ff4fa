/**
 * Returns one text for one service, however a document spells it: name or ARN (old format `service/NAME`, new format
 * `service/CLUSTER/NAME`), cluster by name or by ARN, or no cluster for `default`. The place is left out: a document that
 * names another Region or account is refused.
 */
export function serviceKey({ cluster, name }: { cluster: string; name: string }): string {
  const parts = resourceOf(name, 'service').split('/');
  const own = parts.at(-1) ?? '';
  return `${parts.length > 1 ? parts[0] : resourceOf(cluster, 'cluster')}/${own}`;
}

/** Returns the resource of an ARN without its type; any other text as it is. */
function resourceOf(text: string, type: string): string {
  const [, resource] = text.match(/^arn:[^:]*:ecs:[^:]*:[^:]*:(.+)$/) ?? [];
  return resource?.startsWith(`${type}/`) ? resource.slice(type.length + 1) : text;
}
