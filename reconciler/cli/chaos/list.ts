import { nextAfter } from '../../../policies/chaos/schedule.ts';
import type { ExperimentSpec } from '../../../policies/chaos/schema.ts';
import { formatDuration } from '../../../policies/grammar/duration.ts';
import { ago } from '../../text/ago.ts';
import { escapeStrings } from '../../text/escape-terminal.ts';
import { isoTimes } from '../../text/iso-times.ts';
import { table } from '../../text/table.ts';
import { color, json, out } from '../../text/terminal.ts';
import type { Configure } from '../command.ts';
import { withExperiments } from './options.ts';
import { type ChaosOptions, openSession, runsOf, type Subject } from './session.ts';
import { paintVerdict } from './verdict.ts';

export const configure: Configure = (command, exit) =>
  withExperiments(command).action(async (options: ChaosOptions) => exit(await list(options)));

/** Prints every experiment: whether it may run, when it runs next, and how it ended last. */
async function list(options: ChaosOptions): Promise<number> {
  const { subjects } = await openSession(options);
  const now = Date.now();
  const rows = subjects.flatMap((subject) =>
    (subject.policy?.spec.chaos.experiments ?? []).map((experiment) => rowOf(subject, experiment, now)),
  );
  if (options.json) json(isoTimes({ experiments: rows }));
  else if (rows.length === 0) out('no policy has an experiment; see docs/chaos.md');
  else print(escapeStrings(rows), now);
  return 0;
}

type Row = ReturnType<typeof rowOf>;

function rowOf(subject: Subject, experiment: ExperimentSpec, now: number) {
  const { enabled = false, seed = 0 } = subject.policy?.spec.chaos ?? {};
  const { name, fault, trigger } = experiment;
  const runs = runsOf(subject).filter((r) => r.experiment === name);
  const running = runs.find((r) => r.phase !== 'ended');
  const ended = runs.find((r) => r.phase === 'ended');
  const on = enabled && experiment.enabled;
  const next = on ? nextAfter(name, trigger, seed, now) : undefined;
  return {
    policy: subject.name,
    experiment: name,
    fault: fault.type,
    enabled: on,
    trigger: triggerText(trigger),
    ...(next === undefined ? {} : { next }),
    ...(running ? { running: running.phase } : {}),
    ...(ended
      ? { last: { run: ended.id, verdict: ended.verdict, because: ended.because, endedAt: ended.endedAt } }
      : {}),
  };
}

function print(rows: readonly Row[], now: number): void {
  const head = ['POLICY', 'EXPERIMENT', 'FAULT', 'SWITCHED', 'TRIGGER', 'NEXT', 'NOW', 'LAST'].map((h) => color.dim(h));
  const body = rows.map((r) => [
    r.policy,
    r.experiment,
    r.fault,
    r.enabled ? color.green('on') : color.dim('off'),
    r.trigger,
    r.next === undefined ? '-' : `in ${formatDuration(Math.max(0, Math.round((r.next - now) / 1_000)) * 1_000)}`,
    r.running ?? '-',
    r.last === undefined ? '-' : `${paintVerdict(r.last.verdict)} ${ago(r.last.endedAt)} ago`,
  ]);
  out(table([head, ...body]));
}

function triggerText({ cron, timezone, every, jitter, meanTimeBetween }: ExperimentSpec['trigger']): string {
  if (cron !== undefined) return `cron ${cron} (${timezone})`;
  if (every !== undefined) return `every ${formatDuration(every)}${jitter ? ` + up to ${formatDuration(jitter)}` : ''}`;
  return meanTimeBetween === undefined ? 'manual' : `about every ${formatDuration(meanTimeBetween)}`;
}
