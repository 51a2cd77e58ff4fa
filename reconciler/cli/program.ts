/** The command line: parses arguments, runs one command, and turns errors into words and an exit status. */
import { Command, CommanderError } from 'commander';
import { note, printError } from '../text/terminal.ts';
import { UsageError } from '../text/user-error.ts';
import { addCommands } from './command.ts';
import { COMMANDS } from './commands.ts';
import { completionOf } from './completion.ts';

const VERSION = '0.1.0';

const HELP = `
Try:
  sluice up                      run everything on this machine
  sluice up --worker "python worker.py" --load "python load.py"
                                 the same with your own worker
  sluice plan --policy my.yaml   show what a policy would do now; writes nothing
  sluice policy apply my.yaml    check a policy and store it

Exit status: 0 done, 1 failed or found problems, 2 wrong usage.`;

/** Runs one command line and resolves to its exit status. */
export async function main(args: string[]): Promise<number> {
  let status = 0;
  const program = new Command('sluice')
    .description('Keeps ECS workers level with their SQS queue, and proves that they survive failure.')
    .version(VERSION)
    // So that `policy get NAME --version 3` is not taken for `sluice --version`.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .configureOutput({ writeErr: (text) => note(text.trimEnd()) })
    .addHelpText('after', HELP);
  try {
    await addCommands(
      program,
      [...COMMANDS, completionOf(COMMANDS)],
      (code) => {
        status = code;
      },
      args,
    );
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    // Commander has printed what is wrong already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    printError(error);
    return error instanceof UsageError ? 2 : 1;
  }
}

// A reader that stops reading (| head) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});
