import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { type Job, Load } from '../../examples/load/load.ts';
import { serviceTime } from '../../examples/load/service-time.ts';
import { random } from '../../policies/grammar/random.ts';
import type { Clients } from '../aws/clients.ts';
import type { Scenario } from './scenario.ts';

export interface SendOptions {
  sqs: Clients['sqs'];
  queueUrl: string;
  run: string;
  scenario: Scenario;
  seed: number;
  onProblem: (message: string) => void;
}

/** Returns the load of a scenario, in its compressed time, sent to a queue. */
export function loadOf({ sqs, queueUrl, run, scenario, seed, onProblem }: SendOptions): Load {
  const { timeScale, load, jobs } = scenario;
  const sample = serviceTime(jobs, random(seed));
  const faster = (rate: number): number => rate * timeScale;
  const phases = load.phases.map((phase) => ({
    for: phase.for / timeScale,
    rate: typeof phase.rate === 'number' ? faster(phase.rate) : rampOf(phase.rate, faster),
  }));
  return new Load({
    run,
    profile: { phases, repeat: load.repeat },
    serviceTime: () => sample() / timeScale,
    send: async (batch: Job[]) => {
      const Entries = batch.map((job, i) => ({ Id: String(i), MessageBody: JSON.stringify(job) }));
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      return Failed.map((f) => batch[Number(f.Id)]!);
    },
    onProblem,
  });
}

const rampOf = ([from, to]: [number, number], faster: (rate: number) => number): [number, number] => [
  faster(from),
  faster(to),
];
