/** The command line: names, flags and help. What a command does stands in its own file, loaded when it is called. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { envNameOf, SETTINGS, type Settings } from '../settings.ts';
import { addBacktest } from './backtest.ts';
import { note, printError, UsageError } from './io.ts';

const VERSION = '0.1.0';

/** Runs one command line; resolves to the exit status: 0 done, 1 failed or found problems, 2 wrong usage. */
export async function main(args: string[]): Promise<number> {
  let status = 0;
  const done = (code: number): void => {
    status = code;
  };
  try {
    await build(done).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    // Commander has printed what is wrong already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    printError(error);
    return error instanceof UsageError ? 2 : 1;
  }
}

// A reader that stops reading (| head) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

function version(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a version number, from 1.');
  return value;
}

const path = (text: string): string => {
  if (!/^\/([\w.-]+\/)*$/.test(text))
    throw new InvalidArgumentError('must start and end in a slash, such as /sluice/policies/.');
  return text;
};

/** A command that talks to AWS. */
function remote(command: Command): Command {
  return command
    .option('--region <region>', 'AWS region (else AWS_REGION or the profile)')
    .option('--local', 'talk to the embedded AWS of the `sluice up` that runs in this folder');
}

const prefixed = (command: Command): Command =>
  remote(command).addOption(
    new Option('--prefix <path>', 'parameters below this path are policies')
      .default('/sluice/policies/')
      .env('SLUICE_PREFIX')
      .argParser(path),
  );

const withStatus = (command: Command): Command =>
  prefixed(command).addOption(
    new Option('--status-prefix <path>', 'where status parameters are')
      .default('/sluice/status/')
      .env('SLUICE_STATUS_PREFIX')
      .argParser(path),
  );

const withJson = (command: Command): Command => command.option('--json', 'print JSON');

function build(done: (status: number) => void): Command {
  const program = new Command('sluice')
    .description('Keeps ECS workers level with their SQS queue, and proves that they survive failure.')
    .version(VERSION)
    // So that `policy get NAME --version 3` is not taken for `sluice --version`.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride()
    .configureOutput({ writeErr: (text) => note(text.trimEnd()) })
    .addHelpText(
      'after',
      `
Try:
  sluice up                      everything on this machine: embedded AWS, workers, load, reconciler
  sluice plan --policy my.yaml   what a policy would do now; writes nothing
  sluice policy apply my.yaml    check a policy and store it

Exit status: 0 done, 1 failed or found problems, 2 wrong usage.`,
    );
  addUp(program, done);
  addRun(program, done);
  addPlan(program, done);
  addBacktest(program, done);
  addPolicy(program, done);
  addChaos(program, done);
  addStatus(program, done);
  addLogs(program, done);
  return program;
}

function addUp(program: Command, done: (status: number) => void): void {
  withJson(
    program
      .command('up')
      .description(
        'embedded AWS, demo workers, load and reconciler on this machine; ends on Ctrl-C or after the duration, with a summary',
      ),
  )
    .option('--scenario <name-or-file>', 'what happens (see examples/scenarios)', 'tour')
    .option('--duration <d>', 'end after this time, such as 90s (default: on Ctrl-C)')
    .option('--port <n>', 'port of the page, health and metrics', '8080')
    .option('--endpoint-port <n>', 'port of the embedded AWS', '4566')
    .option('--policy <file>', "a policy of your own instead of the scenario's")
    .option('--iam <file>', 'enforce this IAM policy for the reconciler (npm run --silent infra:policy -- local)')
    .option('--drain-timeout <d>', 'longest time to work off what is queued at the end', '60s')
    .option('--state <dir>', 'keep parameters, queues and services in this folder')
    .option('--seed <n>', 'seed of everything random', '1')
    .option('--quiet', 'print the summary only')
    .action(async (options) => done(await (await import('../demo/up.ts')).up(options)));
}

function addRun(program: Command, done: (status: number) => void): void {
  const command = withJson(
    remote(
      program
        .command('run')
        .description('the service: reconcile every policy below the prefix, against AWS or AWS_ENDPOINT_URL'),
    ),
  )
    .option('--once', 'tick each policy once, then end')
    .option('--print-config', 'show every setting, and where it came from, then end');
  for (const spec of Object.values(SETTINGS))
    command.option(`--${spec.flag} <${spec.placeholder}>`, `${spec.help} (${envNameOf(spec.flag)})`);
  command.action(async (options: Record<string, string>) => {
    const flags = Object.fromEntries(
      (Object.keys(SETTINGS) as (keyof Settings)[]).filter((k) => options[k] !== undefined).map((k) => [k, options[k]]),
    );
    done(await (await import('./run.ts')).run({ ...options, flags }));
  });
}

function addPlan(program: Command, done: (status: number) => void): void {
  withJson(
    withStatus(program.command('plan').description('observe once, print what would be done and why; writes nothing')),
  )
    .option('--policy <name-or-file>', 'one stored policy, or a file (default: all that are stored)')
    .action(async (options) => done(await (await import('./plan.ts')).plan(options)));
}

function addPolicy(program: Command, done: (status: number) => void): void {
  const policy = program.command('policy').description('the policy document: check, read, store, compare');
  withJson(policy.command('validate').description('check documents: file:line:col path: problem (hint)'))
    .argument('<files...>', 'YAML or JSON; - is stdin')
    .action(async (files, options) => done(await (await import('./policy/validate.ts')).validate(files, options)));
  withJson(prefixed(policy.command('get').description('print the stored text')))
    .argument('<name>')
    .option('--version <n>', 'an older version', version)
    .option('-o, --output <file>', 'write it to a file')
    .action(async (name, options) => done(await (await import('./policy/get.ts')).get(name, options)));
  withJson(
    prefixed(
      policy
        .command('apply')
        .description('check a document, show the diff, store it; never over a version that was not seen'),
    ),
  )
    .argument('<file>', 'YAML or JSON; - is stdin')
    .option('--dry-run', 'check and show the diff only')
    .option('--if-version <n>', 'overwrite just this version', version)
    .option('--force', 'overwrite whatever is stored')
    .option('--advanced', 'allow a document of 4 to 8 KB (the advanced tier is paid)')
    .option('--backtest [past]', "show first what it would have changed: on the queue's past (7d), or on a CSV trace")
    .action(async (file, options) => done(await (await import('./policy/apply.ts')).apply(file, options)));
  prefixed(policy.command('edit').description('edit the stored text in $EDITOR, check it, show the diff, store it'))
    .argument('<name>')
    .action(async (name, options) => done(await (await import('./policy/edit.ts')).edit(name, options)));
  withJson(
    prefixed(
      policy
        .command('diff')
        .description('compare a file with what is stored, or two stored versions; status 1 when they differ'),
    ),
  )
    .argument('<name|file>')
    .option('--from <n>', 'older version', version)
    .option('--to <n>', 'newer version', version)
    .action(async (target, options) => done(await (await import('./policy/diff.ts')).diff(target, options)));
  withJson(prefixed(policy.command('history').description('the versions that SSM still has, newest first')))
    .argument('<name>')
    .action(async (name, options) => done(await (await import('./policy/history.ts')).history(name, options)));
  prefixed(policy.command('rollback').description('store an older text as the next version'))
    .argument('<name>')
    .option('--to <n>', 'the version to go back to (default: the last valid one that differs)', version)
    .option('--dry-run', 'show the diff only')
    .action(async (name, options) => done(await (await import('./policy/rollback.ts')).rollback(name, options)));
  policy
    .command('schema')
    .description('JSON Schema of the document, for editors')
    .action(async () => {
      const [{ policyJsonSchema }, { json }] = await Promise.all([
        import('../../policies/document/schema.ts'),
        import('./io.ts'),
      ]);
      json(policyJsonSchema());
    });
}

function addChaos(program: Command, done: (status: number) => void): void {
  const chaos = program.command('chaos').description('failure simulation: experiments of a policy, and their reports');
  const concerning = (command: Command): Command =>
    withJson(withStatus(command))
      .option('--policy <name>', 'the policy (default: the only one)')
      .addOption(
        new Option('--requests-prefix <path>', 'where requests are written')
          .default('/sluice/requests/')
          .env('SLUICE_REQUESTS_PREFIX')
          .argParser(path),
      );
  concerning(chaos.command('list').description('every experiment: switches, next occurrence, last verdict')).action(
    async (options) => done(await (await import('./chaos/list.ts')).list(options)),
  );
  concerning(chaos.command('run').description('ask the reconciler to run an experiment now, and print its answer'))
    .argument('<experiment>')
    .option('--wait', 'wait until it may start, then follow it to its verdict; status 1 unless it passed')
    .option('--expires <d>', 'how long the request may wait for an answer', '60s')
    .action(async (name, options) => done(await (await import('./chaos/request.ts')).run(name, options)));
  concerning(chaos.command('stop').description('end and revert an experiment, or all of them'))
    .argument('[experiment]')
    .option('--expires <d>', 'how long the request may wait for an answer', '60s')
    .action(async (name, options) => done(await (await import('./chaos/request.ts')).stop(name, options)));
  concerning(chaos.command('report').description('what runs did and showed: timeline, times, verdict'))
    .argument('[run]', 'a run, or the last one of an experiment (default: all that the status keeps)')
    .option('--html <file>', 'write it as a page with a chart')
    .action(async (run, options) => done(await (await import('./chaos/report.ts')).report(run, options)));
}

function addStatus(program: Command, done: (status: number) => void): void {
  withJson(withStatus(program.command('status').description('policies, their conditions, counts and last actions')))
    .argument('[name]')
    .option('-w, --watch', 'show it again every two seconds, until Ctrl-C')
    .action(async (name, options) => done(await (await import('./status.ts')).status(name, options)));
}

function addLogs(program: Command, done: (status: number) => void): void {
  program
    .command('logs')
    .description('the reconciliation log for people, one line a record')
    .argument('[file]', 'a log in JSON lines; - is stdin', '.sluice/sluice.log')
    .option('--cloudwatch <group>', 'read a log group of CloudWatch Logs instead (the last hour, or --since)')
    .option('--region <region>', 'AWS region of the log group')
    .option('--policy <name>', 'only this policy')
    .option('--actions', 'only decisions that change something')
    .option('--since <d-or-time>', 'not older than this, such as 10m')
    .option('--level <level>', 'this level and above')
    .option('-f, --follow', 'wait for more')
    .option('--json', 'print the records as they are')
    .action(async (file, options) => done(await (await import('./logs.ts')).logs(file, options)));
  withJson(
    program
      .command('replay')
      .description('compute every decision of a log again: identical, or the first difference; status 1 then'),
  )
    .argument('[log]', 'a log in JSON lines; - is stdin', '.sluice/sluice.log')
    .option('--policy <file>', 'what another policy would have decided, and what it would have cost')
    .action(async (file, options) => done(await (await import('./replay.ts')).replay(file, options)));
  withJson(program.command('explain').description('the whole chain of reasons of one decision'))
    .argument('<name>')
    .option('--log <file>', 'the log to read; - is stdin', '.sluice/sluice.log')
    .option('--at <time>', 'the last decision up to this time')
    .action(async (name, options) => done(await (await import('./explain.ts')).explain(name, options)));
}
