/** The four workers that Sluice speaks of: how each is started, and what a job for it looks like as a message. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { run } from '../../support/tools.ts';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));

export interface Kind {
  name: string;
  /** The folder in which the worker starts. */
  cwd: string;
  command: string[];
  /** The environment that tells the worker its queue. */
  environment: (queue: { name: string; url: string }) => Record<string, string>;
  /** The body of a message that asks for `seconds` of work. */
  body: (seconds: number, queue: string) => string;
  /** Jobs that one worker holds. */
  concurrency: number;
  fifo?: boolean;
  /** False when its Python packages are not on this machine. */
  here: () => Promise<boolean>;
}

/** Where .ci/tools installs the workers' packages; elsewhere they are looked for on the PATH. */
const venv = fileURLToPath(new URL('../../../.ci/venv-workers/bin', import.meta.url));
export const PATH = `${venv}:${process.env.PATH}`;

const imports = (module: string) => async (): Promise<boolean> =>
  (await run('python3', ['-c', `import ${module}`], { PATH })).code === 0;

const plainJob = (seconds: number): string => JSON.stringify({ run: 'e2e', id: 1, seconds, sentAt: Date.now() });

const taskiqJob = (task: string, args: unknown[]): string =>
  JSON.stringify({ task_id: randomUUID(), task_name: task, labels: {}, labels_types: {}, args, kwargs: {} });

function celeryJob(seconds: number, queue: string): string {
  const id = randomUUID();
  const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');
  return base64({
    body: base64([[seconds], {}, { callbacks: null, errbacks: null, chain: null, chord: null }]),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: { lang: 'py', task: 'app.render', id, root_id: id, parent_id: null, retries: 0, timelimit: [null, null] },
    properties: {
      correlation_id: id,
      delivery_mode: 2,
      delivery_info: { exchange: '', routing_key: queue },
      priority: 0,
      body_encoding: 'base64',
      delivery_tag: id,
    },
  });
}

const taskiqWorker = [
  ...['taskiq', 'worker', 'app:broker', '--workers', '1', '--max-async-tasks', '4'],
  ...['--max-fails', '1', '--wait-tasks-timeout', '25'],
];

export const DEMO: Kind = {
  name: 'demo worker',
  cwd: fileURLToPath(new URL('../../../', import.meta.url)),
  command: [process.execPath, '--import', 'tsx', `${examples}worker/main.ts`],
  environment: ({ url }) => ({ QUEUE_URL: url, STOP_GRACE: '20', VISIBILITY_TIMEOUT: '600' }),
  body: plainJob,
  concurrency: 1,
  here: async () => true,
};

export const BOTO3: Kind = {
  name: 'boto3 loop',
  cwd: `${examples}boto3-worker`,
  command: ['python3', 'worker.py'],
  environment: ({ url }) => ({ QUEUE_URL: url, VISIBILITY_TIMEOUT: '600' }),
  body: plainJob,
  concurrency: 1,
  here: imports('boto3'),
};

export const TASKIQ: Kind = {
  name: 'TaskIQ',
  cwd: `${examples}taskiq`,
  command: taskiqWorker,
  environment: ({ name }) => ({ TASKS_QUEUE: name, ORDERS_QUEUE: 'other.fifo' }),
  body: (seconds) => taskiqJob('app:render', [seconds]),
  concurrency: 4,
  here: imports('taskiq_aio_sqs'),
};

export const TASKIQ_FIFO: Kind = {
  ...TASKIQ,
  name: 'TaskIQ FIFO',
  environment: ({ name }) => ({ TASKS_QUEUE: 'other', ORDERS_QUEUE: name, LISTEN_TO: name }),
  body: (seconds) => taskiqJob('app:book', [randomUUID(), seconds]),
  fifo: true,
};

export const CELERY: Kind = {
  name: 'Celery',
  cwd: `${examples}celery`,
  command: [
    ...['celery', '--app', 'app', 'worker', '--concurrency', '2', '--loglevel', 'INFO'],
    ...['--without-gossip', '--without-mingle', '--without-heartbeat'],
  ],
  environment: ({ name }) => ({ JOBS_QUEUE: name, VISIBILITY_TIMEOUT: '300' }),
  body: celeryJob,
  concurrency: 2,
  here: imports('celery, kombu.transport.SQS'),
};
