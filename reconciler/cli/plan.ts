import { existsSync } from 'node:fs';
import { firstValueFrom } from 'rxjs';
import { decide } from '../../policies/decide.ts';
import { diff } from '../../policies/diff.ts';
import { formatProblem, parsePolicy } from '../../policies/document/parse.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import { describeAction } from '../../policies/model/action.ts';
import type { Memory } from '../../policies/model/memory.ts';
import { memoryFrom, parseStatus } from '../../policies/status.ts';
import { awsWorld } from '../aws-world.ts';
import { type Connection, connect } from './connect.ts';
import { explainDecision } from './format.ts';
import { color, json, out, readInput, UserError } from './io.ts';
import { PolicyStore } from './policy-store.ts';

export interface PlanOptions {
  policy?: string;
  prefix: string;
  statusPrefix: string;
  local?: boolean;
  region?: string;
  json?: boolean;
}

/** `plan`: observes once and prints what would be done, and why. Writes nothing. */
export async function plan(options: PlanOptions): Promise<number> {
  const connection = connect(options);
  const policies = await policiesFor(connection, options);
  const world = awsWorld(connection.aws, { metricsInterval: 60_000, tasksInterval: 0 });
  const store = new PolicyStore(connection.aws, options.statusPrefix);
  const plans = [];
  for (const policy of policies) {
    const status = parseStatus((await store.find(policy.metadata.name))?.text);
    const seen = await firstValueFrom(world.observe(policy));
    const { decision } = decide(policy, seen, asOfNow(memoryFrom(status)), Date.now());
    plans.push({ decision, actions: diff(decision, seen) });
  }
  if (options.json) json({ plans });
  else
    for (const { decision, actions } of plans) {
      out(explainDecision(decision));
      out(
        actions.length === 0
          ? color.dim('  nothing would be written')
          : actions.map((a) => `  ${color.yellow('would')} ${describeAction(a)}`).join('\n'),
      );
    }
  return plans.some((p) => p.decision.outcome === 'unobserved') ? 1 : 0;
}

/** Not a restart: what runs is in the hands of the reconciler that runs it. */
function asOfNow({ chaos, ...memory }: Memory): Memory {
  if (!chaos) return memory;
  const { resumed: _, ...rest } = chaos;
  return { ...memory, chaos: rest };
}

async function policiesFor({ aws }: Connection, { policy, prefix }: PlanOptions): Promise<WorkerPolicy[]> {
  const store = new PolicyStore(aws, prefix);
  if (policy !== undefined && (policy === '-' || existsSync(policy) || /\.(ya?ml|json)$/.test(policy)))
    return [mustParse(policy, await readInput(policy), 0)];
  const names = policy === undefined ? await store.names() : [policy];
  if (names.length === 0)
    throw new UserError(`there is no policy below ${prefix}`, 'store one: sluice policy apply FILE');
  return Promise.all(
    names.map(async (name) => {
      const { text, version } = await store.get(name);
      return mustParse(name, text, version);
    }),
  );
}

function mustParse(file: string, text: string, generation: number): WorkerPolicy {
  const parsed = parsePolicy(text, { generation });
  if (parsed.ok) return parsed.policy;
  throw new UserError(`${file} is not valid\n${parsed.problems.map((p) => `  ${formatProblem(file, p)}`).join('\n')}`);
}
