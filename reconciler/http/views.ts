/** Shapes of the API's answers, for the page and for scripts, made from what the process holds. */

import { timeToDetect, timeToRecover } from '../../policies/chaos/run.ts';
import { nextAfter } from '../../policies/chaos/schedule.ts';
import { parsePolicy } from '../../policies/document/parse.ts';
import type { ChaosStep } from '../../policies/model/chaos.ts';
import type { Decision } from '../../policies/model/decision.ts';
import type { Run } from '../../policies/model/run.ts';
import type { PolicyView } from '../report/board.ts';
import type { History } from '../report/history.ts';
import type { TimelineEntry } from '../report/timeline.ts';
import { concernsOf } from './conditions.ts';
import type { Live } from './live.ts';

const SPARK_POINTS = 40;
/** Start of this process (epoch ms). */
const STARTED = Math.round(performance.timeOrigin);

/** Returns one policy as the list shows it. */
export function summaryOf(view: PolicyView, history?: History) {
  const { name, generation, owner, refused, last } = view;
  const { service, queue, age } = last?.decision.observation ?? {};
  return {
    name,
    generation,
    ...(owner === undefined ? {} : { owner }),
    ...(refused ? { refused: { version: refused.version, problems: refused.problems } } : {}),
    ...(last
      ? {
          at: last.decision.at,
          outcome: last.decision.outcome,
          summary: last.decision.summary,
          mode: last.decision.mode,
        }
      : {}),
    ...(service ? (service.ok ? { workers: service.value } : { serviceProblem: service.failure.message }) : {}),
    ...(queue ? (queue.ok ? { queue: queue.value } : { queueProblem: queue.failure.message }) : {}),
    ...(age?.ok && age.value ? { oldestAge: age.value } : {}),
    ...limitOf(last?.decision),
    concerns: concernsOf(view, Date.now()),
    ...lastLinesOf(last?.decision),
    alerts: last?.decision.alerts.filter((a) => a.firing) ?? [],
    running: (last?.decision.chaos?.running ?? []).map(runLine),
    ...(history ? { spark: history.spark(SPARK_POINTS) } : {}),
  };
}

/** Returns what the last task that failed at its start printed at its end. */
function lastLinesOf(decision: Decision | undefined) {
  const failed = decision?.observation.failedStarts;
  const lines = failed?.ok ? failed.value?.last.lastLines : undefined;
  return lines ? { lastLines: lines } : {};
}

/** Returns the last guard that changed the count: the one that limits it. */
function limitOf(decision: Decision | undefined) {
  const step = decision?.guards.findLast(({ from, to }) => from !== to);
  return step ? { limit: step } : {};
}

const runLine = ({ id, experiment, fault, phase, summary, startedAt, injectedAt, endedAt }: Run) => ({
  id,
  experiment,
  fault,
  phase,
  summary,
  startedAt,
  ...(injectedAt === undefined ? {} : { injectedAt }),
  ...(endedAt === undefined ? {} : { endedAt }),
});

/** Returns everything about one policy except its history and its timeline. */
export function detailOf(view: PolicyView, live: Live, now: number) {
  const { text, refused, last } = view;
  return {
    ...summaryOf(view, live.histories.get(view.name)),
    text,
    ...(refused ? { refused } : {}),
    last,
    started: STARTED,
    lastScaleUp: last?.after.lastScaleUp,
    lastScaleDown: last?.after.lastScaleDown,
    interval: view.interval,
    target: view.target,
    bounds: view.bounds,
    experiments: experimentsOf(view, now),
  };
}

function experimentsOf({ text, name, last }: PolicyView, now: number) {
  const parsed = parsePolicy(text ?? '', { name });
  const { enabled = false, seed = 1, experiments = [] } = parsed.ok ? parsed.policy.spec.chaos : {};
  const { runs = [], recent = [] } = last?.after.chaos ?? {};
  return {
    enabled,
    list: experiments.map((e) => {
      const next = enabled && e.enabled ? nextAfter(e.name, e.trigger, seed, now) : undefined;
      const running = runs.find((r) => r.experiment === e.name);
      return {
        name: e.name,
        enabled: enabled && e.enabled,
        fault: e.fault,
        hypothesis: e.hypothesis,
        ...(next === undefined ? {} : { next }),
        ...(running ? { running: runLine(running) } : {}),
      };
    }),
    reports: recent.map(reportOf),
    skipped: last?.after.chaos?.skipped ?? [],
  };
}

const reportOf = (run: Run) => {
  const { injection: _, spec: __, ...rest } = run;
  return { ...rest, timeToDetect: timeToDetect(run), timeToRecover: timeToRecover(run) };
};

/** Returns one line of the timeline. The page asks for the whole record when somebody opens it. */
export function entryLine({ id, record, alerts }: TimelineEntry) {
  const { at, outcome, summary, current, desired, generation, mode, chaos, changedElsewhere } = record.decision;
  return {
    id,
    at,
    generation,
    mode,
    outcome,
    summary,
    ...(current === undefined ? {} : { current }),
    ...(desired === undefined ? {} : { desired }),
    acted: record.results.some((r) => r.outcome === 'applied'),
    failed: record.results.some((r) => r.outcome === 'failed'),
    ...(changedElsewhere ? { changedElsewhere } : {}),
    ...(chaos ? { chaos: chaosLine(chaos) } : {}),
    ...(alerts.fired.length + alerts.ended.length > 0 ? { alerts } : {}),
    ...(changedElsewhere ? { changedElsewhere } : {}),
  };
}

const chaosLine = ({ started, ended, skipped }: ChaosStep) => ({
  started: started.map((r) => r.experiment),
  ended: ended.map((r) => ({ experiment: r.experiment, verdict: r.verdict })),
  skipped: skipped.map((s) => ({ experiment: s.experiment, precondition: s.precondition })),
});
