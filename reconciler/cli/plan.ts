import { existsSync } from 'node:fs';
import { firstValueFrom } from 'rxjs';
import { decide } from '../../policies/decide.ts';
import { diff } from '../../policies/diff.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import { describeAction } from '../../policies/grammar/describe-action.ts';
import type { Action } from '../../policies/model/action.ts';
import type { Decision } from '../../policies/model/decision.ts';
import type { Memory } from '../../policies/model/memory.ts';
import { memoryFrom } from '../../policies/restore.ts';
import { awsWorld } from '../aws-world.ts';
import { explainDecision } from '../text/decision.ts';
import { escapeTerminal } from '../text/escape-terminal.ts';
import { readInput } from '../text/input.ts';
import { isoTimes } from '../text/iso-times.ts';
import { color, json, out } from '../text/terminal.ts';
import { UserError } from '../text/user-error.ts';
import type { Configure } from './command.ts';
import { type Connection, type ConnectOptions, connect } from './connect.ts';
import { homeOf } from './home.ts';
import { mustParse } from './must-parse.ts';
import { withJson, withStatuses } from './options.ts';
import { planLine } from './plan-line.ts';
import { PolicyStore } from './policy-store.ts';
import { storedStatus } from './stored-status.ts';

interface PlanOptions extends ConnectOptions {
  policy?: string;
  prefix: string;
  statusPrefix: string;
  json?: boolean;
  detailedExitcode?: boolean;
}

interface Plan {
  decision: Decision;
  actions: Action[];
}

export const configure: Configure = (command, exit) =>
  withJson(withStatuses(command))
    .option('--policy <name-or-file>', 'one stored policy, or a file (default: all stored policies)')
    .option('--detailed-exitcode', 'exit with 0 for no change, 1 for a failure, 2 when something would change')
    .action(async (options: PlanOptions) => exit(await plan(options)));

/** Prints what Sluice would do now, and why. Status 1 when something could not be read. */
async function plan(options: PlanOptions): Promise<number> {
  const connection = connect(options);
  const policies = await policiesFor(connection, options);
  const world = awsWorld(connection.aws, { metricsInterval: 60_000, tasksInterval: 0 });
  const statuses = new PolicyStore(connection.aws, options.statusPrefix);
  const plans: Plan[] = [];
  for (const policy of policies) {
    const status = storedStatus(policy.metadata.name, (await statuses.find(policy.metadata.name))?.text);
    const seen = await firstValueFrom(world.observe(policy));
    const { decision } = decide(policy, seen, withoutResume(memoryFrom(status)), Date.now());
    plans.push({ decision, actions: diff(decision, seen) });
  }
  if (options.json) json({ plans: isoTimes(plans), changes: plans.filter(changes).length });
  else print(plans);
  if (plans.some((p) => p.decision.outcome === 'unobserved')) return 1;
  return options.detailedExitcode && plans.some(changes) ? CHANGES : 0;
}

/** The exit status of `--detailed-exitcode` when something would change, as Terraform has it. */
const CHANGES = 2;

const changes = ({ actions }: Plan): boolean => actions.length > 0;

function print(plans: readonly Plan[]): void {
  for (const { decision, actions } of plans) {
    out(explainDecision(decision));
    if (actions.length === 0) out(color.dim('  Sluice would change nothing'));
    for (const action of actions) out(`  ${color.yellow('would')} ${escapeTerminal(describeAction(action))}`);
  }
  out('');
  for (const plan of plans) out(planLine(plan, plans.length > 1));
}

/** A plan is not a restart: the reconciler that is running goes on with its experiments. */
function withoutResume({ chaos, ...memory }: Memory): Memory {
  if (!chaos) return memory;
  const { resumed: _, ...rest } = chaos;
  return { ...memory, chaos: rest };
}

async function policiesFor({ aws }: Connection, { policy, prefix }: PlanOptions): Promise<WorkerPolicy[]> {
  if (policy !== undefined && (policy === '-' || existsSync(policy) || /\.(ya?ml|json)$/.test(policy)))
    return [mustParse(policy, await readInput(policy), 0, await homeOf(aws))];
  const store = new PolicyStore(aws, prefix);
  const names = policy === undefined ? await store.names() : [policy];
  if (names.length === 0)
    throw new UserError(`there is no policy below ${prefix}`, 'store one: sluice policy apply FILE');
  return Promise.all(
    names.map(async (name) => {
      const { text, version, arn } = await store.get(name);
      return mustParse(name, text, version, await homeOf(aws, arn));
    }),
  );
}
