import type { Declared } from './command.ts';

/** Every command, in the order of the help. A new one is a file and an entry here. */
export const COMMANDS: readonly Declared[] = [
  {
    name: 'up',
    description: 'run everything on this machine: embedded AWS, demo workers, load and reconciler; ends with a summary',
    load: () => import('./up.ts'),
  },
  {
    name: 'run',
    description: 'run the service: reconcile every policy below the prefix, on AWS or on AWS_ENDPOINT_URL',
    load: () => import('./run.ts'),
  },
  {
    name: 'plan',
    description: 'observe once, and print which changes Sluice would make and why; writes nothing',
    load: () => import('./plan.ts'),
  },
  {
    name: 'backtest',
    description: 'run the decisions of production against a simulated queue and fleet; days pass in seconds',
    load: () => import('./backtest.ts'),
  },
  {
    name: 'policy',
    description: 'check, read, store and compare policy documents',
    load: () => import('./policy/commands.ts'),
  },
  {
    name: 'chaos',
    description: "simulate failures: a policy's experiments and their reports",
    load: () => import('./chaos/commands.ts'),
  },
  {
    name: 'status',
    description: 'show policies with their conditions, counts and last actions',
    load: () => import('./status.ts'),
  },
  {
    name: 'describe',
    description: 'show one policy whole: its conditions, and its last ten events with counts and ages',
    load: () => import('./describe.ts'),
  },
  {
    name: 'logs',
    description: 'show the reconciliation log for people, one line per record',
    load: () => import('./logs.ts'),
  },
  {
    name: 'replay',
    description: 'compute every decision of a log again; exits 1 at the first difference',
    load: () => import('./replay.ts'),
  },
  {
    name: 'explain',
    description: 'show the whole chain of reasons of one decision',
    load: () => import('./explain.ts'),
  },
  {
    name: 'doctor',
    description: 'make each AWS call that a policy needs once, and print what is denied, unreachable or wrongly set up',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'iam-policy',
    description: "print the IAM policy of the reconciler's role for the queues and services that you name",
    load: () => import('./iam-policy.ts'),
  },
  {
    name: 'cloudformation',
    description: 'print a CloudFormation template of the reconciler as an ECS service, with its roles and alarms',
    load: () => import('./cloudformation.ts'),
  },
];
