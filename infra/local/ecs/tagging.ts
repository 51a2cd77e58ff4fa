/** Answers TagResource, UntagResource and ListTagsForResource. */
import { text, texts } from '../input.ts';
import type { Input } from '../service.ts';
import { clusterNotFound, invalidParameter, resourceNotFound } from './errors.ts';
import type { Cluster, EcsService, Tags, Task, TaskDefinition } from './model.ts';
import { checkCount, readTags, showTags } from './tags.ts';

/** Finds the things that have tags, by ARN, and keeps their changes. */
export interface Tagged {
  cluster(arn: string): Cluster | undefined;
  service(arn: string): EcsService | undefined;
  task(arn: string): Task | undefined;
  definition(arn: string): TaskDefinition | undefined;
  keep: { cluster(cluster: Cluster): void; service(service: EcsService): void; definition(one: TaskDefinition): void };
}

interface Target {
  tags: Tags;
  keep(): void;
}

function target<T extends { tags: Tags }>(found: T | undefined, keep: (found: T) => void): Target | undefined {
  if (!found) return undefined;
  return {
    get tags() {
      return found.tags;
    },
    set tags(tags) {
      found.tags = tags;
    },
    keep: () => keep(found),
  };
}

/** Returns the thing that a request names. @throws AwsError if it does not exist */
function targetOf(input: Input, { keep, ...find }: Tagged): Target {
  const arn = text(input, 'resourceArn') ?? '';
  const kind = /^arn:aws:ecs:[^:]*:[^:]*:(cluster|service|task|task-definition)\//.exec(arn)?.[1];
  const lookups: Record<string, () => Target | undefined> = {
    cluster: () => target(find.cluster(arn), (found) => keep.cluster(found)),
    service: () => target(find.service(arn), (found) => keep.service(found)),
    task: () => target(find.task(arn), () => {}),
    'task-definition': () => target(find.definition(arn), (found) => keep.definition(found)),
  };
  const lookup = kind === undefined ? undefined : lookups[kind];
  if (!lookup) throw invalidParameter('The resource ARN is not valid.');
  const found = lookup();
  if (kind === 'cluster' && !found) throw clusterNotFound();
  if (!found) throw resourceNotFound('The specified resource was not found.');
  return found;
}

export function tagResource(input: Input, tagged: Tagged): object {
  const found = targetOf(input, tagged);
  const tags = { ...found.tags, ...readTags(input) };
  checkCount(tags);
  found.tags = tags;
  found.keep();
  return {};
}

export function untagResource(input: Input, tagged: Tagged): object {
  const found = targetOf(input, tagged);
  const keys = texts(input, 'tagKeys') ?? [];
  found.tags = Object.fromEntries(Object.entries(found.tags).filter(([key]) => !keys.includes(key)));
  found.keep();
  return {};
}

export const listTags = (input: Input, tagged: Tagged): object => ({ tags: showTags(targetOf(input, tagged).tags) });
