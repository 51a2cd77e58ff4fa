/** stopTask: some of the running tasks are stopped, and ECS replaces them. There is nothing to revert. */
import { z } from 'zod';
import { wholeCount } from '../../grammar/fields.ts';
import type { TaskRef } from '../../model/observation.ts';
import { defineFault } from '../fault.ts';

const schema = z
  .strictObject({
    type: z.literal('stopTask'),
    count: z.int().min(1).max(1_000).optional().meta({ description: 'tasks to stop' }),
    percent: z
      .number()
      .positive()
      .max(100)
      .optional()
      .meta({ description: 'share of the running tasks, at least one' }),
    choose: z.enum(['random', 'oldest', 'newest']).default('random'),
  })
  .meta({ description: 'Stops running tasks; exactly one of count and percent.' });

const injection = z.object({
  count: wholeCount,
  /** ARNs. They are not stored: after a crash no further task is stopped. */
  tasks: z.array(z.string()).optional(),
  /** The tasks for which StopTask has succeeded. */
  done: z.array(z.string()).optional(),
});

export const stopTask = defineFault({
  type: 'stopTask',
  schema,
  injection,

  findings({ count, percent }) {
    if ((count === undefined) !== (percent === undefined)) return [];
    const message = count === undefined ? 'does not say how many tasks to stop' : 'has both count and percent';
    return [{ path: [], message, hint: 'give exactly one of count, percent' }];
  },

  requiredReadings: () => ({ tasks: true }),
  revertReadings: () => ({ tasks: true }),

  plan({ count, percent, choose }, { seen, random, minHealthyWorkers }) {
    const reading = seen.chaos?.tasks;
    if (!reading?.ok) return { refused: 'the tasks could not be read' };
    const running = reading.value;
    const asked = count ?? Math.max(1, Math.round((running.length * (percent ?? 0)) / 100));
    const most = running.length - minHealthyWorkers;
    if (asked > most)
      return {
        precondition: 'minHealthyWorkers',
        refused: `stopping ${asked} of ${running.length} running tasks leaves fewer than minHealthyWorkers (${minHealthyWorkers})`,
      };
    const tasks = ordered(running, choose, random)
      .slice(0, asked)
      .map(({ arn }) => arn);
    return {
      injection: { count: asked, tasks, done: [] },
      summary: `stop ${asked} of ${running.length} ${running.length === 1 ? 'task' : 'tasks'} (${choose})`,
    };
  },

  inject: ({ tasks = [], done = [] }, { run, policy }) =>
    tasks
      .filter((arn) => !done.includes(arn))
      .map((taskArn) => ({
        kind: 'StopTask',
        taskArn,
        reason: `Sluice chaos: policy ${policy}, experiment ${run.experiment}, run ${run.id}`,
        run: run.id,
        purpose: 'inject',
      })),

  recordApplied({ done = [], ...plan }, applied) {
    const stopped = applied.flatMap((action) => (action.kind === 'StopTask' ? [action.taskArn] : []));
    return { injection: { ...plan, done: [...done, ...stopped] }, stopped: done.length + stopped.length };
  },

  isInPlace: ({ tasks = [], done = [] }) => tasks.every((arn) => done.includes(arn)),
  isOver: () => true,
  inverse: () => [],
  isReverted: () => true,
  isEffective({ tasks = [] }, { seen }) {
    const reading = seen.chaos?.tasks;
    const missing = reading?.ok === true && !reading.value.some(({ arn }) => tasks.includes(arn));
    return seen.service.ok && (missing || seen.service.value.running < seen.service.value.desired);
  },

  /** The service's counts lag behind StopTask, so the tasks are counted: as many others must run as are desired. */
  isRecovered({ tasks = [] }, { seen }) {
    const reading = seen.chaos?.tasks;
    if (!reading?.ok || !seen.service.ok) return false;
    const others = reading.value.filter(({ arn }) => !tasks.includes(arn)).length;
    return others === reading.value.length && others >= seen.service.value.desired;
  },

  stored: ({ count }) => ({ count }),
});

function ordered(tasks: readonly TaskRef[], choose: 'random' | 'oldest' | 'newest', random: () => number): TaskRef[] {
  const sorted = [...tasks].sort((a, b) => a.startedAt - b.startedAt || (a.arn < b.arn ? -1 : 1));
  if (choose === 'oldest') return sorted;
  if (choose === 'newest') return sorted.reverse();
  // Fisher-Yates.
  for (let i = sorted.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [sorted[i], sorted[j]] = [sorted[j]!, sorted[i]!];
  }
  return sorted;
}
