/** Settings of `sluice run`: each has a flag and an environment variable; a flag wins. */
import { formatDuration, parseDuration } from '../policies/grammar/duration.ts';
import { didYouMean } from '../policies/grammar/suggest.ts';
import { LOG_LEVELS } from './report/log.ts';

export interface Settings {
  prefix: string;
  statusPrefix: string;
  requestsPrefix: string;
  pollInterval: number;
  wakeQueue: string | undefined;
  statusInterval: number;
  metricsInterval: number;
  metricsPeriod: number;
  tasksInterval: number;
  port: number;
  host: string;
  allowedHosts: string[];
  token: string | undefined;
  localWrites: boolean;
  logLevel: string;
  emf: string | undefined;
  shutdownTimeout: number;
}

export interface SettingSpec<T> {
  /** Without the leading dashes. */
  flag: string;
  placeholder: string;
  help: string;
  /** `local`: the endpoint is on loopback, so looking often costs nothing. */
  fallback: (local: boolean) => T;
  parse: (text: string) => T;
  show?: (value: T) => string;
  secret?: true;
}

const path = (text: string): string => {
  if (!/^\/([\w.-]+\/)*$/.test(text))
    throw new Error('must be a parameter path that starts and ends in a slash, such as /sluice/policies/');
  return text;
};

const duration =
  (least: string) =>
  (text: string): number => {
    const ms = parseDuration(text);
    if (ms === undefined) throw new Error('must be a duration such as 15s or 1m');
    if (ms < parseDuration(least)!) throw new Error(`must be at least ${least}`);
    return ms;
  };

/** What CloudWatch takes as a period. */
const period = (text: string): number => {
  const ms = parseDuration(text);
  if (ms === undefined || (![1_000, 5_000, 10_000, 30_000].includes(ms) && (ms % 60_000 !== 0 || ms === 0)))
    throw new Error('must be 1s, 5s, 10s, 30s or whole minutes');
  return ms;
};

const port = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new Error('must be a port from 0 to 65535');
  return value;
};

const queueUrl = (text: string): string => {
  if (!/^https?:\/\/[^\s]+$/.test(text)) throw new Error('must be the URL of a queue');
  return text;
};

const level = (text: string): string => {
  if (!(LOG_LEVELS as readonly string[]).includes(text))
    throw new Error(`must be a log level; ${didYouMean(text, LOG_LEVELS)}`);
  return text;
};

const list = (text: string): string[] =>
  text
    .split(',')
    .map((t) => t.trim())
    .filter(Boolean);

/** In the order in which help shows them. */
export const SETTINGS: { [K in keyof Settings]: SettingSpec<Settings[K]> } = {
  prefix: {
    flag: 'prefix',
    placeholder: 'path',
    help: 'parameters below this path are policies',
    fallback: () => '/sluice/policies/',
    parse: path,
  },
  statusPrefix: {
    flag: 'status-prefix',
    placeholder: 'path',
    help: 'where the status parameters are written',
    fallback: () => '/sluice/status/',
    parse: path,
  },
  requestsPrefix: {
    flag: 'requests-prefix',
    placeholder: 'path',
    help: 'where requests for experiments are read (sluice chaos run)',
    fallback: () => '/sluice/requests/',
    parse: path,
  },
  pollInterval: {
    flag: 'poll-interval',
    placeholder: 'd',
    help: 'time between two looks for changed policies',
    fallback: (local) => (local ? 1_000 : 15_000),
    parse: duration('200ms'),
    show: formatDuration,
  },
  wakeQueue: {
    flag: 'wake-queue',
    placeholder: 'url',
    help: 'queue of "Parameter Store Change" events that make it look at once; the poll stays',
    fallback: () => undefined,
    parse: queueUrl,
  },
  statusInterval: {
    flag: 'status-interval',
    placeholder: 'd',
    help: 'least time between two status writes of one policy',
    fallback: (local) => (local ? 1_000 : 30_000),
    parse: duration('200ms'),
    show: formatDuration,
  },
  metricsInterval: {
    flag: 'metrics-interval',
    placeholder: 'd',
    help: 'time between two reads of CloudWatch metrics of a queue; 0s reads none',
    fallback: () => 60_000,
    parse: duration('0s'),
    show: formatDuration,
  },
  metricsPeriod: {
    flag: 'metrics-period',
    placeholder: 'd',
    help: 'time between two points of a metric of SQS; on AWS always 1m',
    fallback: () => 60_000,
    parse: period,
    show: formatDuration,
  },
  tasksInterval: {
    flag: 'tasks-interval',
    placeholder: 'd',
    help: "time between two counts of a service's tasks; 0s counts none",
    fallback: (local) => (local ? 5_000 : 30_000),
    parse: duration('0s'),
    show: formatDuration,
  },
  port: {
    flag: 'port',
    placeholder: 'n',
    help: 'port of health, metrics, API and page; 0 takes any',
    fallback: () => 8_080,
    parse: port,
  },
  host: {
    flag: 'host',
    placeholder: 'address',
    help: 'address to listen on',
    fallback: () => '127.0.0.1',
    parse: (text) => text,
  },
  allowedHosts: {
    flag: 'allowed-hosts',
    placeholder: 'names',
    help: 'further names, comma separated, under which browsers may reach the page',
    fallback: () => [],
    parse: list,
    show: (v) => v.join(','),
  },
  token: {
    flag: 'token',
    placeholder: 'secret',
    help: 'bearer token that API writes need; without one there are no writes',
    fallback: () => undefined,
    parse: (text) => text,
    secret: true,
  },
  localWrites: {
    flag: 'local-writes',
    placeholder: 'yes|no',
    help: 'let the page on loopback write without a token; `sluice up` does',
    fallback: () => false,
    parse: (text) => {
      if (text !== 'yes' && text !== 'no') throw new Error('must be yes or no');
      return text === 'yes';
    },
    show: (value) => (value ? 'yes' : 'no'),
  },
  logLevel: {
    flag: 'log-level',
    placeholder: 'level',
    help: LOG_LEVELS.join(', '),
    fallback: () => 'info',
    parse: level,
  },
  emf: {
    flag: 'emf',
    placeholder: 'namespace',
    help: 'also log CloudWatch embedded metrics, in this namespace',
    fallback: () => undefined,
    parse: (text) => text || undefined,
  },
  shutdownTimeout: {
    flag: 'shutdown-timeout',
    placeholder: 'd',
    help: 'longest time to finish on SIGTERM; ECS kills after its stopTimeout of 30 s',
    fallback: () => 20_000,
    parse: duration('1s'),
    show: formatDuration,
  },
};

export const envNameOf = (flag: string): string => `SLUICE_${flag.toUpperCase().replaceAll('-', '_')}`;

export type Source = 'flag' | 'environment' | 'default';

export interface Resolved {
  settings: Settings;
  sources: Record<keyof Settings, Source>;
}

/** A flag or variable whose value is not allowed. */
export class SettingError extends Error {}

/** What is in force, and where each value came from. Throws SettingError with the flag's or variable's name. */
export function resolveSettings(
  flags: Partial<Record<keyof Settings, string>>,
  env: NodeJS.ProcessEnv,
  local: boolean,
): Resolved {
  const settings: Record<string, unknown> = {};
  const sources = {} as Resolved['sources'];
  for (const key of Object.keys(SETTINGS) as (keyof Settings)[]) {
    const spec = SETTINGS[key] as SettingSpec<unknown>;
    const variable = envNameOf(spec.flag);
    const source: Source = flags[key] !== undefined ? 'flag' : env[variable] ? 'environment' : 'default';
    const text = source === 'flag' ? flags[key] : env[variable];
    sources[key] = source;
    try {
      settings[key] = source === 'default' ? spec.fallback(local) : spec.parse(text!);
    } catch (error) {
      const where = source === 'flag' ? `--${spec.flag}` : variable;
      throw new SettingError(`${where}: ${JSON.stringify(text)} ${(error as Error).message}`);
    }
  }
  return { settings: settings as unknown as Settings, sources };
}

/** True when the AWS endpoint is on this machine. */
export function isLoopback(endpoint: string | undefined): boolean {
  if (!endpoint || !URL.canParse(endpoint)) return false;
  const { hostname } = new URL(endpoint);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
