/** The Pulumi program: from a stack's configuration to the reconciler on ECS and all that it needs; see docs/deploy.md. */
import * as pulumi from '@pulumi/pulumi';
import { CONFIG_KEYS, parseConfig } from './config.ts';
import { namesOf, rolesOf } from './scope.ts';
import { type StackArgs, stack } from './stack.ts';

const config = new pulumi.Config();
const raw = Object.fromEntries(
  CONFIG_KEYS.map((key) => [key, read(key)] as const).filter(([, value]) => value !== undefined),
);

const outputs = stack(checked());

export const { service, cluster, running, logGroup, alarmTopic, securityGroup } = outputs;
export const { taskRoleArn, executionRoleArn, queue, policies, environment, policyDocuments } = outputs;

/** Returns everything that the stack is made of. @throws RunError, which Pulumi prints without a trace, before anything is made */
function checked(): StackArgs {
  try {
    const token = config.getSecret('token');
    const parsed = parseConfig(raw);
    const names = namesOf(pulumi.getStack(), parsed);
    return { names, config: parsed, roles: rolesOf(names, parsed, token !== undefined), token };
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}

/** Returns a value as YAML wrote it: Pulumi keeps each as text, objects as JSON. */
function read(key: string): unknown {
  const text = config.get(key);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}
