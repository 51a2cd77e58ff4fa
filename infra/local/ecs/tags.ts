/** Reads and shows tags as ECS writes them: a list of `{key, value}`. */
import { objects, text } from '../input.ts';
import type { Input } from '../service.ts';
import { invalidParameter } from './errors.ts';
import type { Tags } from './model.ts';

const MAX_TAGS = 50;

export function readTags(input: Input, name = 'tags'): Tags {
  const tags: Tags = {};
  for (const tag of objects(input, name) ?? []) {
    const key = text(tag, 'key');
    if (key === undefined || key === '' || key.length > 128)
      throw invalidParameter('A tag key must have 1 to 128 characters.');
    if (key.toLowerCase().startsWith('aws:')) throw invalidParameter('Tag keys starting with aws: are reserved.');
    tags[key] = text(tag, 'value') ?? '';
  }
  checkCount(tags);
  return tags;
}

export function checkCount(tags: Tags): void {
  if (Object.keys(tags).length > MAX_TAGS) throw invalidParameter(`A resource can have at most ${MAX_TAGS} tags.`);
}

export const showTags = (tags: Tags): { key: string; value: string }[] =>
  Object.entries(tags).map(([key, value]) => ({ key, value }));
