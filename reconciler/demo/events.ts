/** The events of a scenario at their times: workers that crash, and experiments that are asked for. */
import { random } from '../../policies/grammar/random.ts';
import type { Clients } from '../aws/clients.ts';
import { requestExperiment } from '../request-experiment.ts';
import { color } from '../text/terminal.ts';
import type { Scenario } from './scenario.ts';
import type { Timers } from './timers.ts';

export interface EventOptions {
  aws: Clients;
  policy: string;
  scenario: Scenario;
  seed: number;
  workerPids: () => number[];
  say: (line: string) => void;
}

const ASK_AGAIN_MS = 2_000;
const MOST_REQUESTS = 10;

/** Starts the timers of all events of a scenario, in its compressed time. */
export function scheduleEvents(timers: Timers, options: EventOptions): void {
  const { scenario, seed } = options;
  const choose = random(seed + 1);
  for (const { at, every, experiment } of scenario.events) {
    const happen = (): void => {
      if (experiment === undefined) killOneWorker(options, choose);
      else void ask(timers, options, experiment);
    };
    timers.after(at / scenario.timeScale, () => {
      happen();
      if (every !== undefined) timers.every(every / scenario.timeScale, happen);
    });
  }
}

function killOneWorker({ workerPids, say }: EventOptions, choose: () => number): void {
  const pids = workerPids();
  const pid = pids[Math.floor(choose() * pids.length)];
  if (pid === undefined) return;
  say(color.magenta(`a worker crashes: kill -9 ${pid}`));
  process.kill(pid, 'SIGKILL');
}

/** Asks for an experiment as `sluice chaos run` does, again for a while if it is refused. */
async function ask(timers: Timers, { aws, policy }: EventOptions, experiment: string): Promise<void> {
  for (let request = 1; request <= MOST_REQUESTS && !timers.ended; request++) {
    const by = 'the scenario';
    const { accepted } = await requestExperiment(aws, { policy, action: 'run', experiment, by }).catch(() => ({
      accepted: false,
    }));
    if (accepted) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}
