/** Examines everything that one policy needs: each call once, then what the answers say about queue and service. */
import { SOMEWHERE, settle } from '../../../infra/aws/blueprint/arns.ts';
import type { Permission } from '../../../infra/aws/blueprint/permission.ts';
import { reconcilerPermissions } from '../../../infra/aws/blueprint/permissions/reconciler.ts';
import { policyDocument } from '../../../infra/aws/blueprint/policy-document.ts';
import { scopeFrom } from '../../../infra/aws/blueprint/reach.ts';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import type { Clients } from '../../aws/clients.ts';
import { heartbeatParameterOf } from '../../lead/heartbeat.ts';
import { type Finding, lookAround } from './findings.ts';
import { PROBES, type Subject, WRITES } from './probes.ts';
import { type Answer, verdictOf } from './verdict.ts';

export interface Row extends Answer {
  action: string;
  feature: string;
  /** The statement to grant, for a call that was denied. */
  statement?: object;
}

/** Returns true for a call that did not work although it was tried. */
export const isProblem = ({ verdict }: Pick<Row, 'verdict'>): boolean =>
  verdict !== 'allowed' && verdict !== 'not tried';

export interface Examination {
  rows: Row[];
  findings: Finding[];
}

/** Examines a policy. `write` also sends UpdateService with the count that the service has. */
export async function examine(
  aws: Clients,
  policy: WorkerPolicy,
  subject: Subject,
  { write, jobSeconds }: { write: boolean; jobSeconds: number | undefined },
): Promise<Examination> {
  const { findings, accountId, partition } = await lookAround(aws, subject, jobSeconds);
  const region = (await aws.region()) ?? 'REGION';
  const rows: Row[] = [];
  for (const permission of grantsOf(policy, subject)) rows.push(await tried(aws, permission, subject, write));
  const home = { partition, region, accountId: accountId ?? 'ACCOUNT' };
  return {
    rows: rows.map((row) => ({ ...row, ...(row.statement ? { statement: placed(row.statement, home) } : {}) })),
    findings,
  };
}

const placed = (statement: object, home: typeof SOMEWHERE): object =>
  JSON.parse(settle(JSON.stringify(statement), home)) as object;

async function tried(aws: Clients, permission: Permission, subject: Subject, write: boolean): Promise<Row> {
  const { sid, action, feature } = permission;
  const probe = PROBES[`${sid} ${action}`] ?? (write ? WRITES[`${sid} ${action}`] : undefined);
  if (!probe) return { action, feature, verdict: 'not tried', message: 'it would change something' };
  try {
    await probe(aws, subject);
    return { action, feature, verdict: 'allowed' };
  } catch (error) {
    const answer = verdictOf(error, action);
    // A probe may need another call first; only its own denial is its own.
    const own = answer.message?.startsWith(`${action} `) ?? false;
    if (answer.verdict === 'denied' && !own) return { action, feature, verdict: 'not tried', ...because(answer) };
    const statement = answer.verdict === 'denied' ? policyDocument([permission]).Statement[0] : undefined;
    return { action, feature, ...answer, ...(statement ? { statement } : {}) };
  }
}

const because = ({ message }: Answer) => (message === undefined ? {} : { message: `needs another call: ${message}` });

/** Returns the grants of a reconciler for this policy alone; its faults are those of its experiments. */
export function grantsOf({ spec }: WorkerPolicy, subject: Subject): Permission[] {
  const faults = spec.chaos.experiments.filter((e) => e.enabled).map((e) => e.fault);
  const methods = faults.map((fault) => ('method' in fault ? fault.method : fault.type));
  const rules = [spec.chaos.stopWhen, ...spec.chaos.experiments.map((e) => e.stopWhen)];
  const { prefix, statusPrefix, requestsPrefix, queues, deadLetters, cluster, service, wakeQueue, flags } = subject;
  const scope = scopeFrom(
    {
      queues: [...queues],
      deadLetters: deadLetters === undefined ? [] : [deadLetters],
      services: [{ cluster, service }],
      faults: {
        stopTask: methods.includes('stopTask'),
        queuePolicy: methods.includes('queuePolicy'),
        securityGroupSubnets: [],
        flags: flags.length > 0,
        alarms: spec.scaling.scaleUp.pauseWhile !== undefined || rules.some((rule) => rule.alarm !== undefined),
      },
      wakeUp: wakeQueue !== undefined,
      countOnly: true,
    },
    {
      home: SOMEWHERE,
      paths: {
        ...{ policies: prefix, status: statusPrefix, requests: requestsPrefix },
        ...{ flags: folderOf(flags[0]), heartbeat: heartbeatParameterOf(prefix), token: '' },
      },
      wakeQueue: wakeQueue?.split('/').at(-1) ?? '',
    },
  );
  return reconcilerPermissions(scope);
}

const folderOf = (parameter = ''): string => parameter.slice(0, parameter.lastIndexOf('/') + 1);
