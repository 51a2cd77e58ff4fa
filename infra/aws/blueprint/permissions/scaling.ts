/** The one call that scales, and everything that the same call may not do. */
import { arnsOf } from '../arns.ts';
import type { Condition, Permission, Refusal } from '../permission.ts';
import type { Scope } from './scope.ts';

export function scaling({ services, ...home }: Scope): Permission[] {
  return [
    {
      sid: 'SetDesiredCount',
      action: 'ecs:UpdateService',
      resources: services.map(arnsOf(home).service),
      feature: 'scaling',
      madeBy: 'reconciler/act/ecs.ts',
      without: '`action failed` is logged at each tick that would scale; the service keeps its count',
      wide: 'IAM has no key for the desired count; the refusals below keep the call to it as far as keys exist',
    },
  ];
}

/** True when the request says anything about the key. */
const named = (key: string): Condition => ({ Null: { [key]: 'false' } });
/** True when the request switches the key on: IAM's data types some of these keys as text, others as a Boolean. */
const switchedOn = (key: string): Condition => ({ StringEquals: { [key]: 'true' } });
const isTrue = (key: string): Condition => ({ Bool: { [key]: 'true' } });

/**
 * The condition keys of ecs:UpdateService (Service Authorization Reference; a test compares them with it), and the
 * condition that refuses each. Keys of switches are refused when they are on: a service that has one off may send it.
 */
const REFUSED: readonly [key: string, what: string, condition: (key: string) => Condition][] = [
  ['ecs:task-definition', 'another task definition', named],
  ['ecs:capacity-provider', 'a capacity provider', named],
  ['ecs:enable-execute-command', 'commands in containers (ECS Exec)', switchedOn],
  ['ecs:enable-service-connect', 'Service Connect', switchedOn],
  ['ecs:namespace', 'a namespace of Service Connect', named],
  ['ecs:enable-vpc-lattice', 'VPC Lattice', switchedOn],
  ['ecs:enable-ebs-volumes', 'EBS volumes', switchedOn],
  ['ecs:enable-ecs-managed-tags', 'managed tags', isTrue],
  ['ecs:propagate-tags', 'propagated tags', named],
  ['ecs:task-cpu', 'the CPU of tasks', named],
  ['ecs:task-memory', 'the memory of tasks', named],
];
const NETWORK: typeof REFUSED = [
  ['ecs:subnet', 'a network', named],
  ['ecs:auto-assign-public-ip', 'a public address', named],
];

/** `ecs:task-definition` is `TaskDefinition`: a Sid takes letters and digits only. */
const sidOf = (key: string): string =>
  `Refuse${key
    .slice('ecs:'.length)
    .split('-')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('')}`;

/**
 * The parts of UpdateService that the role may not use, as explicit denials. A denial by a key that AWS does not send
 * refuses nothing, so that a wrong guess about a key leaves scaling intact; the plain grant is AWS's documented form.
 */
export function countOnly({ faults, countOnly: wanted = true }: Scope): Refusal[] {
  if (!wanted) return [];
  const { securityGroupSubnets: subnets } = faults;
  const refuse = ([key, what, condition]: (typeof REFUSED)[number]): Refusal => ({
    sid: sidOf(key),
    action: 'ecs:UpdateService',
    condition: condition(key),
    what,
  });
  if (subnets.length === 0) return [...REFUSED, ...NETWORK].map(refuse);
  // The fault securityGroup sends the network as it was, with other security groups.
  const elsewhere: Refusal = {
    sid: 'RefuseOtherSubnet',
    action: 'ecs:UpdateService',
    condition: { 'ForAnyValue:StringNotEquals': { 'ecs:subnet': subnets } },
    what: "a network outside the workers' subnets",
  };
  return [...REFUSED.map(refuse), elsewhere];
}
