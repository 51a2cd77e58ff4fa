/** stopTask: some of the running tasks are stopped; ECS replaces them. Ends by itself. */
import { z } from 'zod';
import type { TaskRef } from '../../model/observation.ts';
import type { Fault } from '../fault.ts';

export const stopTaskSchema = z
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

interface Stopping {
  count: number;
  /** Not written down: after a crash nothing is stopped any more. */
  tasks?: string[];
  /** Of them, those that StopTask has taken. */
  done?: string[];
}

export const stopTask: Fault<z.output<typeof stopTaskSchema>, Stopping> = {
  findings({ count, percent }) {
    if ((count === undefined) !== (percent === undefined)) return [];
    const message = count === undefined ? 'says of no task how many' : 'has count and percent';
    return [{ path: [], message, hint: 'give exactly one of count, percent' }];
  },

  requiredReadings: () => ({ tasks: true }),

  plan({ count, percent, choose }, { seen, random, minHealthyWorkers }) {
    const reading = seen.chaos?.tasks;
    if (!reading?.ok) return { refused: 'the tasks could not be read' };
    const running = reading.value;
    const asked = count ?? Math.max(1, Math.round((running.length * (percent ?? 0)) / 100));
    const most = running.length - minHealthyWorkers;
    if (asked > most)
      return {
        precondition: 'minHealthyWorkers',
        refused: `${running.length} tasks run and minHealthyWorkers is ${minHealthyWorkers}: stopping ${asked} would leave too few`,
      };
    const tasks = ordered(running, choose, random)
      .slice(0, asked)
      .map(({ arn }) => arn);
    return {
      injection: { count: asked, tasks, done: [] },
      summary: `stop ${asked} of ${running.length} tasks (${choose})`,
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

  isInPlace: ({ tasks = [], done = [] }) => tasks.every((arn) => done.includes(arn)),
  isOver: () => true,
  revert: () => ({ actions: [], gone: true }),
  isEffective({ tasks = [] }, { seen }) {
    const reading = seen.chaos?.tasks;
    const missing = reading?.ok === true && !reading.value.some(({ arn }) => tasks.includes(arn));
    return seen.service.ok && (missing || seen.service.value.running < seen.service.value.desired);
  },

  /** The service's counts lag behind StopTask: what counts is that as many others run as are wanted. */
  isRecovered({ tasks = [] }, { seen }) {
    const reading = seen.chaos?.tasks;
    if (!reading?.ok || !seen.service.ok) return false;
    const others = reading.value.filter(({ arn }) => !tasks.includes(arn)).length;
    return others === reading.value.length && others >= seen.service.value.desired;
  },
};

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
