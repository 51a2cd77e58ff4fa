/** Flags that name everything a reconciler may reach, and their meaning. */
import type { Command } from 'commander';
import type { Reach } from '../../infra/aws/blueprint/reach.ts';
import { didYouMean } from '../../policies/grammar/suggest.ts';
import { UsageError } from '../text/user-error.ts';

export interface ReachOptions {
  queue: string[];
  deadLetters: string[];
  service: string[];
  fault: string[];
  wakeUp: boolean;
  countOnly: boolean;
}

/** The values of `--fault`; subnets follow securityGroup after an equals sign. */
const FAULTS = ['stopTask', 'queuePolicy', 'securityGroup', 'flags', 'alarms'];
const SECURITY_GROUP = 'securityGroup=';

const each = (value: string, values: string[]): string[] => [...values, ...value.split(',').filter(Boolean)];

/** Adds the flags of a command that writes down grants. */
export const withReach = (command: Command): Command =>
  command
    .option('--queue <names>', 'queues of the policies, comma separated or repeated; * may end a name', each, [])
    .option('--dead-letters <names>', 'their dead-letter queues, for the reports of experiments', each, [])
    .option('--service <cluster/names>', 'services to scale, such as prod/workers; * may end a name', each, [])
    .option('--fault <names>', `faults to allow: ${FAULTS.join(', ')}; securityGroup=SUBNET+SUBNET`, each, [])
    .option('--no-wake-up', 'without the queue of change events; an edit takes effect within 15 s')
    .option('--no-count-only', 'without the denials that hold ecs:UpdateService to the count');

/** Returns the reach that the flags describe. @throws UsageError that names the flag and says how it should look */
export function reachOf({ queue, deadLetters, service, fault, wakeUp, countOnly }: ReachOptions): Reach {
  if (queue.length === 0 || service.length === 0)
    throw new UsageError(
      'name what the reconciler may reach: at least one --queue and one --service',
      'for example --queue jobs --service prod/workers',
    );
  for (const name of [...queue, ...deadLetters]) mustBeName('--queue', name, /^[\w-]+(\.fifo)?\*?$/);
  const faults = fault.map((each) => (each.startsWith(SECURITY_GROUP) ? 'securityGroup' : each));
  for (const name of faults)
    if (!FAULTS.includes(name)) throw new UsageError(`--fault ${name}: ${didYouMean(name, FAULTS)}`);
  return {
    queues: queue,
    deadLetters,
    services: service.map(serviceOf),
    faults: {
      stopTask: faults.includes('stopTask'),
      queuePolicy: faults.includes('queuePolicy'),
      securityGroupSubnets: fault.flatMap(subnetsOf),
      flags: faults.includes('flags'),
      alarms: faults.includes('alarms'),
    },
    wakeUp,
    countOnly,
  };
}

function serviceOf(text: string): { cluster: string; service: string } {
  const [cluster = '', service = '', ...more] = text.split('/');
  if (more.length > 0 || service === '')
    throw new UsageError(`--service ${text}: must be CLUSTER/SERVICE`, 'for example --service prod/workers');
  for (const name of [cluster, service]) mustBeName('--service', name, /^[\w-]+\*?$/);
  return { cluster, service };
}

function subnetsOf(fault: string): string[] {
  if (fault === 'securityGroup')
    throw new UsageError(
      '--fault securityGroup: name the subnets of the workers',
      '--fault securityGroup=subnet-a+subnet-b',
    );
  if (!fault.startsWith(SECURITY_GROUP)) return [];
  const subnets = fault.slice(SECURITY_GROUP.length).split('+');
  for (const subnet of subnets) mustBeName('--fault securityGroup', subnet, /^subnet-[\w-]+$/);
  return subnets;
}

function mustBeName(flag: string, name: string, grammar: RegExp): void {
  if (!grammar.test(name)) throw new UsageError(`${flag} ${name}: not a name that AWS accepts`);
}
