/** Lists the alarms of a stack as data: the thing that each one watches, and the page of the guide for it. */

/** A queue that a policy scales by, with the policy's name. */
export interface WatchedQueue {
  policy: string;
  queue: string;
}

interface LogAlarm {
  name: string;
  /** A CloudWatch Logs filter pattern for the reconciler's JSON lines (docs/logging.md). */
  pattern: string;
  metric: string;
  description: string;
}

/** The log lines that somebody should see. Each cause writes one line, so one line raises the alarm. */
export const LOG_ALARMS: readonly LogAlarm[] = [
  {
    name: 'policy-refused',
    pattern: '{ $.msg = "policy refused" }',
    metric: 'PoliciesRefused',
    description:
      'An edit of a policy is not valid; the last good version stays in force. docs/operations.md#policy-refused',
  },
  {
    name: 'experiment-aborted',
    pattern: '{ ($.msg = "experiment ended") && ($.verdict = "aborted") }',
    metric: 'ExperimentsAborted',
    description: 'An experiment was stopped by its rails and reverted. docs/operations.md#experiment-aborted',
  },
  {
    name: 'permission-missing',
    // The code is AWS's own; CloudWatch, ECS and SSM say AccessDeniedException, SQS may say AccessDenied.
    pattern: '{ ($.code = "AccessDeniedException") || ($.code = "AccessDenied") }',
    metric: 'PermissionsMissing',
    description:
      'AWS refuses a call of the reconciler; the line names the action. docs/operations.md#permission-missing',
  },
];

/** Matches decisions. The log has at least one each minute for each policy; see reconciler/report/log.ts. */
export const LOOP_SILENT = { name: 'loop-silent', pattern: '{ $.msg = "decision" }', metric: 'Decisions' } as const;
