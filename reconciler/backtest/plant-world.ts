import { of } from 'rxjs';
import { random as seeded } from '../../policies/grammar/random.ts';
import type { ActionResult } from '../../policies/model/action.ts';
import type { Observation, Reading, TaskCounts, TaskProtection, UsualRate } from '../../policies/model/observation.ts';
import { usualRate } from '../../policies/scaling/estimate/usual-rate.ts';
import type { World } from '../loop/world.ts';
import type { CloudWatch } from './cloudwatch.ts';
import { Counts, type CountsOptions } from './counts.ts';
import type { Plant } from './plant.ts';
import { Rates } from './rates.ts';

/** How well the plant can be observed and controlled. */
export interface LookOptions extends CountsOptions {
  /** Share of AWS calls that fail, 0 to 1. */
  errorRate: number;
}

export interface PlantWorldOptions extends LookOptions {
  /** Virtual seconds since the start. */
  seconds: () => number;
  /** Epoch milliseconds of second 0. */
  start: number;
}

/** The age is read at most once a minute, as in production. */
const METRICS_EVERY_S = 60;
/** Tasks are listed at most this often, as in production. */
const TASKS_EVERY_S = 60;

function tasksOf({ running, existing, medianStartUp }: Plant): TaskCounts {
  return {
    running,
    starting: existing - running,
    ...(medianStartUp === undefined ? {} : { startUpSeconds: medianStartUp }),
  };
}

/** Returns the plant as a World: the pipeline sees of it what AWS would show. */
export function plantWorld(plant: Plant, cloudwatch: CloudWatch, options: PlantWorldOptions): World {
  const { seconds, start, errorRate } = options;
  const counts = new Counts(plant, options);
  const rates = new Rates(cloudwatch, start);
  const random = seeded(options.seed ^ 0x6c078965);
  const fails = (): boolean => errorRate > 0 && random() < errorRate;
  const failed = (at: number): Reading<never> => ({
    ok: false,
    at,
    failure: { class: 'transient', code: 'ThrottlingException', message: 'simulated' },
  });
  let metrics: {
    at: number;
    usual: UsualRate | undefined;
    age: { seconds: number; end: number } | undefined;
  };
  let tasks: { at: number; value: TaskCounts };
  let protection: { at: number; value: TaskProtection } | undefined;

  return {
    observe: () => {
      const now = seconds();
      cloudwatch.advanceTo(now);
      const at = start + now * 1_000;
      if (!metrics || now - metrics.at >= METRICS_EVERY_S) {
        const point = cloudwatch.readable(now).at(-1);
        const past = { from: start + 1_000 * cloudwatch.past.from, sent: cloudwatch.past.sent };
        metrics = {
          at: now,
          usual: usualRate(past, at),
          age: point && { seconds: point.oldestAge, end: point.end },
        };
      }
      if (!tasks || now - tasks.at >= TASKS_EVERY_S) tasks = { at: now, value: tasksOf(plant) };
      const { visible, inFlight } = counts.at(now);
      if (inFlight > 0 && now - (protection?.at ?? Number.NEGATIVE_INFINITY) >= TASKS_EVERY_S)
        protection = { at: now, value: { tasks: plant.running, protected: plant.protectedWorkers } };
      const seen: Observation = {
        at,
        queue: fails() ? failed(at) : { ok: true, at, value: { visible, inFlight, delayed: 0 } },
        service: fails()
          ? failed(at)
          : {
              ok: true,
              at,
              value: {
                desired: plant.desired,
                running: plant.running,
                pending: plant.existing - plant.running,
                status: 'ACTIVE',
                deploying: false,
              },
            },
        tasks: { ok: true, at: start + tasks.at * 1_000, value: tasks.value },
        ...(protection ? { protection: { ok: true, at: start + protection.at * 1_000, value: protection.value } } : {}),
        usual: { ok: true, at, value: metrics.usual },
        rates: { ok: true, at, value: rates.at(now) },
        age: {
          ok: true,
          at,
          value: metrics.age && {
            seconds: Math.round(metrics.age.seconds + (visible > 0 ? now - metrics.age.end : 0)),
            estimated: true,
          },
        },
      };
      return of(seen);
    },
    act: (action) => {
      if (fails())
        return of<ActionResult>({ action, outcome: 'failed', code: 'ThrottlingException', message: 'simulated' });
      if (action.kind === 'UpdateService') plant.scaleTo(action.desiredCount);
      return of<ActionResult>({ action, outcome: 'applied' });
    },
  };
}
