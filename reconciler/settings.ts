/** The settings of `sluice run`. Each has a flag and an environment variable; the flag wins (cli/setting-option.ts). */
import { hostname } from 'node:os';
import { formatDuration } from '../policies/grammar/duration.ts';
import { duration, level, list, path, period, port, queueUrl, yesOrNo } from './setting-values.ts';
import { LOG_LEVELS } from './text/levels.ts';

export interface Settings {
  prefix: string;
  statusPrefix: string;
  requestsPrefix: string;
  leaseTable: string | undefined;
  leaseDuration: number;
  id: string;
  heartbeatParameter: string | undefined;
  heartbeatInterval: number;
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
  taskLogs: string | undefined;
  logLevel: string;
  emf: string | undefined;
  policyMetrics: boolean;
  examine: boolean;
  shutdownTimeout: number;
}

export interface SettingSpec<T> {
  /** Without the leading dashes. */
  flag: string;
  placeholder: string;
  help: string;
  /** Returns the default. `local`: the endpoint is on this machine, so frequent calls cost nothing. */
  fallback(local: boolean): T;
  /** Reads a value. Throws an Error whose message follows "it", such as "must be yes or no". */
  parse(text: string): T;
  /** Returns the value as `parse` reads it; left out where String does. */
  show?(value: T): string;
  /** Its value is never printed. */
  secret?: true;
}

/** Every setting, in the order of the help. */
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
    help: 'status parameters are stored below this path',
    fallback: () => '/sluice/status/',
    parse: path,
  },
  requestsPrefix: {
    flag: 'requests-prefix',
    placeholder: 'path',
    help: 'requests for experiments are stored below this path',
    fallback: () => '/sluice/requests/',
    parse: path,
  },
  leaseTable: {
    flag: 'lease-table',
    placeholder: 'name',
    help: 'DynamoDB table by which one reconciler of several leads, and the others stand by',
    fallback: () => undefined,
    parse: (text) => {
      if (!/^[\w.-]{3,255}$/.test(text)) throw new Error('must be the name of a DynamoDB table');
      return text;
    },
  },
  leaseDuration: {
    flag: 'lease-duration',
    placeholder: 'd',
    help: 'a standby takes over within this time after the leader is gone',
    fallback: () => 15_000,
    parse: duration('3s'),
    show: formatDuration,
  },
  id: {
    flag: 'id',
    placeholder: 'name',
    help: 'name of this reconciler in the heartbeat, in logs and on the page; four characters of each start are added',
    fallback: () => hostname(),
    parse: (text) => {
      if (!/^[\w.:@-]{1,100}$/.test(text)) throw new Error('must be 1 to 100 letters, digits or . _ : @ -');
      return text;
    },
  },
  heartbeatParameter: {
    flag: 'heartbeat-parameter',
    placeholder: 'name',
    help: 'parameter that says which reconciler leads and when it was last seen (default: beside the prefix)',
    fallback: () => undefined,
    parse: (text) => {
      if (!/^\/([\w.-]+\/)*[\w.-]+$/.test(text)) throw new Error('must be a parameter name such as /sluice/reconciler');
      return text;
    },
  },
  heartbeatInterval: {
    flag: 'heartbeat-interval',
    placeholder: 'd',
    help: 'time between two heartbeats',
    fallback: (local) => (local ? 2_000 : 15_000),
    parse: duration('200ms'),
    show: formatDuration,
  },
  pollInterval: {
    flag: 'poll-interval',
    placeholder: 'd',
    help: 'time between two polls for changed policies',
    fallback: (local) => (local ? 1_000 : 15_000),
    parse: duration('200ms'),
    show: formatDuration,
  },
  wakeQueue: {
    flag: 'wake-queue',
    placeholder: 'url',
    help: 'queue of "Parameter Store Change" events: an event polls at once, beside the regular polls',
    fallback: () => undefined,
    parse: queueUrl,
  },
  statusInterval: {
    flag: 'status-interval',
    placeholder: 'd',
    help: 'minimum time between two status writes of one policy',
    fallback: (local) => (local ? 1_000 : 30_000),
    parse: duration('200ms'),
    show: formatDuration,
  },
  metricsInterval: {
    flag: 'metrics-interval',
    placeholder: 'd',
    help: "time between two reads of a queue's CloudWatch metrics; 0s switches them off",
    fallback: () => 60_000,
    parse: duration('0s'),
    show: formatDuration,
  },
  metricsPeriod: {
    flag: 'metrics-period',
    placeholder: 'd',
    help: 'time between two points of an SQS metric; on AWS always 1m',
    fallback: () => 60_000,
    parse: period,
    show: formatDuration,
  },
  tasksInterval: {
    flag: 'tasks-interval',
    placeholder: 'd',
    help: "time between two counts of a service's tasks; 0s switches them off",
    fallback: (local) => (local ? 5_000 : 30_000),
    parse: duration('0s'),
    show: formatDuration,
  },
  port: {
    flag: 'port',
    placeholder: 'n',
    help: 'port of health, metrics, API and page; 0 takes any free port',
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
    help: 'further host names of the page, separated by commas',
    fallback: () => [],
    parse: list,
    show: (v) => v.join(','),
  },
  token: {
    flag: 'token',
    placeholder: 'secret',
    help: 'bearer token that API writes need; without a token the API refuses writes',
    fallback: () => undefined,
    parse: (text) => {
      if (text === '') throw new Error('must not be empty');
      return text;
    },
    secret: true,
  },
  localWrites: {
    flag: 'local-writes',
    placeholder: 'yes|no',
    help: 'allow writes without a token from this machine; `sluice up` sets it',
    fallback: () => false,
    parse: yesOrNo,
    show: (value) => (value ? 'yes' : 'no'),
  },
  taskLogs: {
    flag: 'task-logs',
    placeholder: 'folder',
    help: 'folder with a file ID.log of each task: the last lines of a task that fails are shown; `sluice up` sets it',
    fallback: () => undefined,
    parse: (text) => text,
  },
  logLevel: {
    flag: 'log-level',
    placeholder: 'level',
    help: `log this level and above: ${LOG_LEVELS.join(', ')}`,
    fallback: () => 'info',
    parse: level,
  },
  emf: {
    flag: 'emf',
    placeholder: 'namespace',
    help: 'also log the metrics that alarms watch, in the CloudWatch embedded metric format, in this namespace',
    fallback: () => undefined,
    parse: (text) => text,
  },
  policyMetrics: {
    flag: 'policy-metrics',
    placeholder: 'yes|no',
    help: 'with --emf: six more metrics for each policy ($1.80 a month for each policy)',
    fallback: () => false,
    parse: yesOrNo,
    show: (value) => (value ? 'yes' : 'no'),
  },
  examine: {
    flag: 'examine',
    placeholder: 'yes|no',
    help: 'after the start, make each call of each policy once, as doctor does, and log which ones do not work',
    fallback: (local) => !local,
    parse: yesOrNo,
    show: (value) => (value ? 'yes' : 'no'),
  },
  shutdownTimeout: {
    flag: 'shutdown-timeout',
    placeholder: 'd',
    help: 'longest time to finish after SIGTERM; the stopTimeout of ECS (30 s) must be longer',
    fallback: () => 20_000,
    parse: duration('1s'),
    show: formatDuration,
  },
};

/** Returns the name of a flag's environment variable. */
export const envNameOf = (flag: string): string => `SLUICE_${flag.toUpperCase().replaceAll('-', '_')}`;

/** Every setting by its key. */
export const SETTING_KEYS = Object.keys(SETTINGS) as readonly (keyof Settings)[];

/** Returns the settings in force: the values given, and the defaults of the rest. */
export function completed(given: Partial<Settings>, local: boolean): Settings {
  const entries = SETTING_KEYS.map((key) => [key, given[key] ?? SETTINGS[key].fallback(local)]);
  return Object.fromEntries(entries) as Settings;
}

/** Returns true when the endpoint is on this machine. */
export function isLoopback(endpoint: string | undefined): boolean {
  if (!endpoint || !URL.canParse(endpoint)) return false;
  const { hostname } = new URL(endpoint);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
