/** Reads and answers tags of parameters, which come with PutParameter or by the three tagging actions. */
import { objects, text, texts } from '../input.ts';
import type { Input } from '../service.ts';
import { constraint, missing, simple } from './errors.ts';
import type { Parameter } from './parameter.ts';
import type { ParameterStore } from './store.ts';

const MAX_TAGS = 50;

export function readTags(input: Input): Record<string, string> {
  const tags = (objects(input, 'Tags') ?? []).map((tag): [string, string] => {
    const key = text(tag, 'Key');
    const value = text(tag, 'Value');
    if (key === undefined) throw missing('tags.1.member.key');
    if (value === undefined) throw missing('tags.1.member.value');
    if (key === '' || key.length > 128)
      throw constraint(key, 'tags.1.member.key', 'Member must have length between 1 and 128');
    return [key, value];
  });
  return checkCount(Object.fromEntries(tags));
}

function checkCount(tags: Record<string, string>): Record<string, string> {
  if (Object.keys(tags).length > MAX_TAGS)
    throw simple('TooManyTagsError', `A parameter can have at most ${MAX_TAGS} tags.`);
  return tags;
}

/** Returns the parameter that a tagging action names. @throws AwsError InvalidResourceType, InvalidResourceId */
function resource(store: ParameterStore, input: Input): Parameter {
  const type = text(input, 'ResourceType');
  const id = text(input, 'ResourceId');
  if (type === undefined) throw missing('resourceType');
  if (id === undefined) throw missing('resourceId');
  if (type !== 'Parameter')
    throw simple('InvalidResourceType', `${type} is not a valid resource type here; only Parameter is.`);
  const parameter = store.find(id);
  if (!parameter)
    throw simple(
      'InvalidResourceId',
      'The resource ID is not valid. Verify that you entered the correct ID and try again.',
    );
  return parameter;
}

export function addTags(store: ParameterStore, input: Input): object {
  const parameter = resource(store, input);
  store.setTags(parameter, checkCount({ ...parameter.tags, ...readTags(input) }));
  return {};
}

export function removeTags(store: ParameterStore, input: Input): object {
  const parameter = resource(store, input);
  const keys = texts(input, 'TagKeys') ?? [];
  const kept = Object.entries(parameter.tags).filter(([key]) => !keys.includes(key));
  store.setTags(parameter, Object.fromEntries(kept));
  return {};
}

export function listTags(store: ParameterStore, input: Input): object {
  const { tags } = resource(store, input);
  return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}
