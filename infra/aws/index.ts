/**
 * Runs the Pulumi program: from the configuration to the reconciler on ECS and everything it needs (docs/deploy.md).
 */
import * as pulumi from '@pulumi/pulumi';
import { CONFIG_KEYS, parseConfig, type StackConfig } from './config.ts';
import { stack } from './stack.ts';

const config = new pulumi.Config();
const raw = Object.fromEntries(
  CONFIG_KEYS.map((key) => [key, read(key)] as const).filter(([, value]) => value !== undefined),
);
const outputs = stack(`sluice-${pulumi.getStack()}`, checked(), config.getSecret('token'));

export const { service, cluster, logGroup, dashboard, alarmTopic, queue, policyDocument } = outputs;

/** Returns the checked configuration. @throws RunError, which Pulumi prints without a stack trace */
function checked(): StackConfig {
  try {
    return parseConfig(raw);
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}

/** Returns a value as the YAML file has it. Pulumi keeps each value as text, and objects as JSON. */
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
