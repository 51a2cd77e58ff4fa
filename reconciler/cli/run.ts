import type { Logger } from 'pino';
import { filter, firstValueFrom, interval, timeout } from 'rxjs';
import type { Failure } from '../../policies/model/observation.ts';
import { type ClientSettings, createClients } from '../aws/clients.ts';
import { SUPERVISED } from '../demo/supervise.ts';
import type { Live } from '../http/live.ts';
import { startReconciler } from '../main.ts';
import type { PolicyView } from '../report/board.ts';
import { createLogger } from '../report/log.ts';
import { envNameOf, resolveSettings, SETTINGS, SettingError, type SettingSpec, type Settings } from '../settings.ts';
import { WAKE_REQUEST_TIMEOUT_MS, wakeUps } from '../watch/wake.ts';
import { connect } from './connect.ts';
import { color, json, out, table, UsageError } from './io.ts';

export interface RunOptions {
  once?: boolean;
  printConfig?: boolean;
  json?: boolean;
  local?: boolean;
  region?: string;
  flags: Partial<Record<keyof Settings, string>>;
}

/** Longest that `--once` waits for the policies to be listed and ticked. */
const ONCE_TIMEOUT_MS = 60_000;

/** `run`: the service. Ends on SIGTERM or SIGINT, or when the process that started it is gone; then status 0. */
export async function run(options: RunOptions): Promise<number> {
  const { aws, clientSettings, endpoint, loopback } = connect(options);
  const { settings, sources } = resolve(options, loopback);
  if (options.printConfig) {
    printConfig(settings, sources, endpoint, options.json ?? false);
    return 0;
  }
  const log = createLogger(settings.logLevel);
  const wake$ = settings.wakeQueue && !options.once ? wakeOf(settings.wakeQueue, clientSettings, log) : undefined;
  const reconciler = await startReconciler({ aws, settings, log, http: !options.once, ...(wake$ ? { wake$ } : {}) });
  const { stop, done, live, url } = reconciler;
  log.info(
    {
      pid: process.pid,
      node: process.version,
      endpoint: endpoint ?? 'AWS',
      region: await aws.region(),
      url,
      prefix: settings.prefix,
    },
    'started',
  );
  let status = 0;
  const end = (why: string): void => {
    log.info({ why, effect: 'ticks under way finish, the status is written, services keep their counts' }, 'stopping');
    const late = setTimeout(() => {
      log.error(
        { effect: 'the process ends at once', todo: 'nothing: the next start resumes from the status parameters' },
        'shutdown took too long',
      );
      process.exit(1);
    }, settings.shutdownTimeout);
    late.unref();
    void stop();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(signal));
  process.once('SIGHUP', () => reconciler.wake());
  // Started by `sluice up`: when that process is gone, however it went, this one must not go on alone. The AWS that it
  // talked to is gone as well, so there is nothing to be finished.
  if (process.env[SUPERVISED] !== undefined) {
    if (!process.connected) process.exit(1);
    process.once('disconnect', () => process.exit(1));
  }
  if (options.once)
    status = await oneTickEach(live).catch((error: unknown) => {
      log.error(
        { err: error, effect: 'not every policy has ticked', todo: 'look at the lines before' },
        'once took too long',
      );
      return 1;
    });
  if (options.once) void stop();
  await done;
  log.info('stopped');
  aws.destroy();
  // An open channel to the parent would keep this process alive.
  process.removeAllListeners('disconnect');
  if (process.connected) process.disconnect();
  return status;
}

/** Returns the wake-ups of the queue of change events. Its clients wait as long as a long poll takes. */
function wakeOf(queueUrl: string, clientSettings: ClientSettings, log: Logger) {
  const aws = createClients({ ...clientSettings, requestTimeout: WAKE_REQUEST_TIMEOUT_MS });
  const onProblem = ({ code, class: kind, message: problem, hint }: Failure): void =>
    log.warn(
      {
        code,
        class: kind,
        problem,
        effect: 'an edit takes effect at the next poll instead of at once',
        todo: hint ?? 'wait: it is tried again',
      },
      'wake-up not read',
    );
  return wakeUps({ aws, queueUrl, onProblem });
}

/** Resolves when every policy that was listed has ticked once: 0, or 1 when one was refused or could not be read. */
async function oneTickEach({ board, polledAt, watchFailure }: Live): Promise<number> {
  const views = (): PolicyView[] => [...board.policies.values()];
  const settled = (): boolean =>
    watchFailure() !== undefined ||
    (polledAt() !== undefined && views().every((v) => v.last !== undefined || v.generation === 0));
  await firstValueFrom(interval(50).pipe(filter(settled), timeout({ first: ONCE_TIMEOUT_MS })));
  return watchFailure() || views().some((v) => v.refused || v.last?.decision.outcome === 'unobserved') ? 1 : 0;
}

function resolve(options: RunOptions, loopback: boolean): ReturnType<typeof resolveSettings> {
  try {
    return resolveSettings(options.flags, process.env, loopback);
  } catch (error) {
    if (error instanceof SettingError) throw new UsageError(error.message, 'see sluice run --help');
    throw error;
  }
}

function printConfig(
  settings: Settings,
  sources: Record<string, string>,
  endpoint: string | undefined,
  asJson: boolean,
): void {
  const keys = Object.keys(SETTINGS) as (keyof Settings)[];
  const shown = (key: keyof Settings): string => {
    const spec = SETTINGS[key] as SettingSpec<unknown>;
    const value = settings[key];
    if (value === undefined) return '';
    return spec.secret ? '(set, not shown)' : spec.show ? spec.show(value) : String(value);
  };
  if (asJson) {
    json({
      endpoint: endpoint ?? null,
      settings: Object.fromEntries(keys.map((k) => [SETTINGS[k].flag, { value: shown(k), source: sources[k] }])),
    });
    return;
  }
  const head = ['FLAG', 'VALUE', 'FROM', 'VARIABLE'].map((h) => color.dim(h));
  out(table([head, ...keys.map((k) => [`--${SETTINGS[k].flag}`, shown(k), sources[k]!, envNameOf(SETTINGS[k].flag)])]));
}
