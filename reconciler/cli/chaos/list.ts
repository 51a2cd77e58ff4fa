import { nextAfter } from '../../../policies/chaos/schedule.ts';
import type { ExperimentSpec } from '../../../policies/chaos/schema.ts';
import { formatDuration } from '../../../policies/grammar/duration.ts';
import { ago, color, json, out, table } from '../io.ts';
import { type ChaosOptions, openSession, runsOf, type Subject } from './session.ts';

/** `chaos list`: every experiment, whether it may run, when it is next, and how it ended last. */
export async function list(options: ChaosOptions): Promise<number> {
  const { subjects } = await openSession(options);
  const now = Date.now();
  const rows = subjects.flatMap((subject) =>
    (subject.policy?.spec.chaos.experiments ?? []).map((experiment) => rowOf(subject, experiment, now)),
  );
  if (options.json) {
    json({ experiments: rows });
    return 0;
  }
  if (rows.length === 0) {
    out('no policy has an experiment; see docs/chaos.md');
    return 0;
  }
  const head = ['POLICY', 'EXPERIMENT', 'FAULT', 'SWITCHED', 'TRIGGER', 'NEXT', 'NOW', 'LAST'].map((h) => color.dim(h));
  out(
    table([
      head,
      ...rows.map((r) => [
        r.policy,
        r.experiment,
        r.fault,
        r.enabled ? color.green('on') : color.dim('off'),
        r.trigger,
        r.next === undefined ? '-' : `in ${formatDuration(Math.max(0, Math.round((r.next - now) / 1_000)) * 1_000)}`,
        r.running ?? '-',
        r.last === undefined ? '-' : `${verdictColor(r.last.verdict)} ${ago(r.last.endedAt)} ago`,
      ]),
    ]),
  );
  return 0;
}

function rowOf(subject: Subject, experiment: ExperimentSpec, now: number) {
  const { chaos } = subject.policy!.spec;
  const { name, fault, trigger } = experiment;
  const runs = runsOf(subject).filter((r) => r.experiment === name);
  const running = runs.find((r) => r.phase !== 'ended');
  const ended = runs.find((r) => r.phase === 'ended');
  const enabled = chaos.enabled && experiment.enabled;
  const next = enabled ? nextAfter(name, trigger, chaos.seed, now) : undefined;
  return {
    policy: subject.name,
    experiment: name,
    fault: fault.type,
    enabled,
    trigger: triggerText(trigger),
    ...(next === undefined ? {} : { next }),
    ...(running ? { running: running.phase } : {}),
    ...(ended
      ? { last: { run: ended.id, verdict: ended.verdict, because: ended.because, endedAt: ended.endedAt } }
      : {}),
  };
}

function triggerText({ cron, timezone, every, jitter, meanTimeBetween }: ExperimentSpec['trigger']): string {
  if (cron !== undefined) return `cron ${cron} (${timezone})`;
  if (every !== undefined) return `every ${formatDuration(every)}${jitter ? ` + up to ${formatDuration(jitter)}` : ''}`;
  return meanTimeBetween === undefined ? 'manual' : `about every ${formatDuration(meanTimeBetween)}`;
}

export function verdictColor(verdict: string | undefined): string {
  if (verdict === 'passed') return color.green(verdict);
  return verdict === 'failed' ? color.red(verdict) : color.yellow(verdict ?? '-');
}
