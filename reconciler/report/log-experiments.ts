import type { Logger } from 'pino';
import type { Decision } from '../../policies/model/decision.ts';
import type { Run } from '../../policies/model/run.ts';

/**
 * Logs what experiments did in one tick: which ones started, ended, were skipped, and how requests were answered. Returns the
 * defect that stops them; it is logged unless it is the one `before`.
 */
export function logExperiments(
  log: Logger,
  { policy, generation: version, chaos }: Decision,
  before: string | undefined,
): string | undefined {
  if (!chaos) return undefined;
  if (chaos.failed !== undefined && chaos.failed !== before)
    log.error(
      {
        policy,
        version,
        problem: chaos.failed,
        effect: 'scaling goes on; no experiment starts, and running ones are not forgotten',
        todo: 'report this: it is a defect of Sluice',
      },
      'experiments failed',
    );
  for (const { id: run, experiment, fault, summary, deadline } of chaos.started)
    log.info(
      { policy, version, experiment, run, fault, summary, deadline: new Date(deadline).toISOString() },
      'experiment started',
    );
  for (const run of chaos.ended) logEnd(log, policy, version, run);
  for (const { experiment, precondition, because, at } of chaos.skipped)
    log.info(
      { policy, version, experiment, precondition, summary: because, at: new Date(at).toISOString() },
      'experiment skipped',
    );
  for (const { id: request, accepted, because } of chaos.answers)
    log.info({ policy, version, request, accepted, summary: because }, 'request answered');
  return chaos.failed;
}

function logEnd(log: Logger, policy: string, version: number, run: Run): void {
  const { id, experiment, fault, verdict, because } = run;
  const fields = { policy, version, experiment, run: id, fault, verdict, summary: because, report: run };
  if (verdict === 'passed') log.info(fields, 'experiment ended');
  else
    log.warn(
      {
        ...fields,
        problem: because,
        effect: 'the fault is reverted; scaling goes on',
        todo: `read the report: sluice chaos report ${id} --policy ${policy}`,
      },
      'experiment ended',
    );
}
