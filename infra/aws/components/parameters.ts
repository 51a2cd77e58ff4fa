import { readFileSync } from 'node:fs';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { parseDocument } from 'yaml';
import { formatProblem, parsePolicy } from '../../../policies/document/parse.ts';
import { sizeOf } from '../../../policies/grammar/size.ts';

export interface PolicyParameter {
  name: string;
  /** The file name of a document in policies/starter. */
  starter: string;
  queue: string;
  deadLetters?: string | undefined;
  cluster: string;
  service: string;
  mode?: 'enforce' | 'observe' | 'paused' | undefined;
  minWorkers?: number;
  maxWorkers?: number;
}

/**
 * Returns a starter document with the names of a real queue and service. It keeps the comments.
 * @throws Error when there is no such starter, or when the result is not a valid policy
 */
export function starterText({ name, starter, queue, cluster, service, mode, ...more }: PolicyParameter): string {
  let source: string;
  try {
    source = readFileSync(new URL(`../../../policies/starter/${starter}.yaml`, import.meta.url), 'utf8');
  } catch {
    throw new Error(`sluice:policies: ${name}: there is no starter policy "${starter}"; see policies/starter`);
  }
  // The first line tells editors the schema of a file; a parameter has no use for it.
  const document = parseDocument(source.replace(/^# yaml-language-server:.*\n/, ''));
  document.setIn(['metadata', 'name'], name);
  document.setIn(['spec', 'queue'], document.createNode({ name: queue }, { flow: true }));
  document.setIn(['spec', 'service'], document.createNode({ cluster, name: service }, { flow: true }));
  if (mode !== undefined) document.setIn(['spec', 'mode'], mode);
  for (const key of ['minWorkers', 'maxWorkers'] as const)
    if (more[key] !== undefined) document.setIn(['spec', 'scaling', key], more[key]);
  const text = document.toString({ lineWidth: 0 });
  const parsed = parsePolicy(text, { name });
  if (!parsed.ok)
    throw new Error(`policy ${name}:\n  ${parsed.problems.map((p) => formatProblem(name, p)).join('\n  ')}`);
  if (sizeOf(text).tier !== 'Standard') throw new Error(`policy ${name} is larger than a standard parameter`);
  return text;
}

/**
 * Everything about a policy's parameter that people change while the stack runs. All four belong together: the provider
 * writes the whole parameter when any one of them differs, with the value from its own state, which would undo a live
 * edit; and a change from Advanced to Standard deletes the parameter first.
 */
const LIVE = ['value', 'type', 'tier', 'description'];

/**
 * Puts the first version of a policy. Later versions are the operators': no update of the stack undoes an edit, and
 * destroying the stack leaves the parameter.
 */
export function policyParameter(prefix: string, policy: PolicyParameter, opts: pulumi.CustomResourceOptions) {
  return new aws.ssm.Parameter(
    `policy-${policy.name}`,
    {
      name: `${prefix}${policy.name}`,
      type: 'String',
      tier: 'Standard',
      value: starterText(policy),
      description: 'Policy of Sluice; edit it live: sluice policy edit',
    },
    pulumi.mergeOptions({ ignoreChanges: LIVE, retainOnDelete: true }, opts),
  );
}
