import type { Command } from 'commander';
import type { Logger } from 'pino';
import { filter, firstValueFrom, interval, timeout } from 'rxjs';
import type { Failure } from '../../policies/model/observation.ts';
import { createClients } from '../aws/clients.ts';
import { SUPERVISED } from '../demo/supervise.ts';
import type { Live } from '../http/live.ts';
import { lastResort } from '../last-resort.ts';
import { acts } from '../lead/leadership.ts';
import { type Reconciler, startReconciler } from '../main.ts';
import type { PolicyView } from '../report/board.ts';
import { createLogger } from '../report/log.ts';
import { completed, SETTING_KEYS, type Settings } from '../settings.ts';
import { WAKE_REQUEST_TIMEOUT_MS, wakeUps } from '../watch/wake.ts';
import type { Configure } from './command.ts';
import { type Connection, type ConnectOptions, connect } from './connect.ts';
import { withAws, withJson } from './options.ts';
import { examineAtStart } from './run/examine-at-start.ts';
import { printConfig } from './run/print-config.ts';
import { settingOption } from './setting-option.ts';

interface RunOptions extends ConnectOptions, Partial<Settings> {
  once?: boolean;
  printConfig?: boolean;
  json?: boolean;
}

export const configure: Configure = (command, exit) => {
  withJson(withAws(command))
    .option('--once', 'tick each policy once, then end')
    .option('--print-config', 'print every setting and where it came from, then end');
  for (const key of SETTING_KEYS) command.addOption(settingOption(key));
  command.action(async (options: RunOptions) => exit(await run(options, command)));
};

/** Runs the service until SIGTERM or SIGINT, or until the process that started it is gone; then status 0. */
async function run(options: RunOptions, command: Command): Promise<number> {
  const connection = connect(options);
  const { aws, endpoint, loopback } = connection;
  const settings = completed(options, loopback);
  if (options.printConfig) {
    printConfig(settings, command, endpoint, options.json ?? false);
    return 0;
  }
  const log = createLogger(settings.logLevel);
  lastResort(log);
  const wake$ = settings.wakeQueue && !options.once ? wakeOf(settings.wakeQueue, connection, log) : undefined;
  const reconciler = await startReconciler({
    aws,
    reach: connection.settings,
    settings,
    log,
    http: !options.once,
    ...(wake$ ? { wake$ } : {}),
  });
  const { pid, version: node } = process;
  const { url } = reconciler;
  log.info(
    { pid, node, endpoint: endpoint ?? 'AWS', region: await aws.region(), url, prefix: settings.prefix },
    'started',
  );
  const examined = settings.examine && !options.once ? examining(connection, reconciler, settings, log) : undefined;
  endOnSignals(reconciler, settings, log);
  endWithParent();
  const status = options.once ? await once(reconciler, log) : 0;
  if (options.once) void reconciler.stop();
  await reconciler.done;
  examined?.abort();
  log.info('stopped');
  aws.destroy();
  // An open channel to the parent would keep this process alive.
  process.removeAllListeners('disconnect');
  if (process.connected) process.disconnect();
  return status;
}

/** Starts the examination beside the loop, with clients of its own. Aborting ends it. */
function examining(
  { settings: connected }: Connection,
  { live }: Reconciler,
  settings: Settings,
  log: Logger,
): AbortController {
  const end = new AbortController();
  const aws = createClients(connected);
  void examineAtStart({ aws, live, settings, log, signal: end.signal }).finally(() => aws.destroy());
  return end;
}

function endOnSignals(reconciler: Reconciler, { shutdownTimeout }: Settings, log: Logger): void {
  const end = (why: string): void => {
    log.info({ why, effect: 'running ticks finish, the status is stored, services keep their counts' }, 'stopping');
    const late = setTimeout(() => {
      log.error(
        { effect: 'the process ends now', todo: 'nothing: the next start resumes from the status parameters' },
        'shutdown took too long',
      );
      process.exit(1);
    }, shutdownTimeout);
    late.unref();
    void reconciler.stop();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(signal));
  process.once('SIGHUP', () => reconciler.wake());
}

/**
 * Ends a reconciler of `sluice up` with its parent, however the parent ended. The embedded AWS is gone with it, so
 * there is nothing to finish.
 */
function endWithParent(): void {
  if (process.env[SUPERVISED] === undefined) return;
  if (!process.connected) process.exit(1);
  process.once('disconnect', () => process.exit(1));
}

/** Returns the wake-ups of a queue of change events. Its client is its own: a long poll takes longer than other calls. */
function wakeOf(queueUrl: string, { settings }: Connection, log: Logger) {
  const aws = createClients({ ...settings, requestTimeout: WAKE_REQUEST_TIMEOUT_MS });
  const onProblem = ({ code, class: kind, message: problem, hint }: Failure): void =>
    log.warn(
      {
        code,
        class: kind,
        problem,
        effect: 'an edit takes effect at the next poll instead of at once',
        todo: hint ?? 'Sluice retries by itself; nothing to do unless this lasts longer than 5 minutes',
      },
      'wake-up not read',
    );
  return wakeUps({ aws, queueUrl, onProblem });
}

/** Longest time for `--once` to list the policies and tick each. */
const ONCE_TIMEOUT_MS = 60_000;

/** Waits until every policy has ticked once. Status 1 when one was refused or could not be read, or on a timeout. */
async function once({ live }: Reconciler, log: Logger): Promise<number> {
  try {
    await firstValueFrom(
      interval(50).pipe(
        filter(() => hasTicked(live)),
        timeout({ first: ONCE_TIMEOUT_MS }),
      ),
    );
  } catch (error) {
    log.error(
      { err: error, effect: 'not every policy has ticked', todo: 'read the warnings before this line' },
      'once took too long',
    );
    return 1;
  }
  const troubled = views(live).some((v) => v.refused || v.last?.decision.outcome === 'unobserved');
  return live.watchFailure() || troubled ? 1 : 0;
}

const views = ({ board }: Live): PolicyView[] => [...board.policies.values()];

/** Nobody knows yet who leads when the first call to the lease table fails: it is tried again. */
function knowsWhoLeads({ leadership }: Live): boolean {
  const { role, leader } = leadership();
  return acts(role) || leader !== undefined;
}

const hasTicked = (live: Live): boolean =>
  live.watchFailure() !== undefined ||
  (knowsWhoLeads(live) &&
    live.polledAt() !== undefined &&
    views(live).every((v) => v.last !== undefined || v.generation === 0));
