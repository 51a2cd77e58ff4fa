/** How a command is declared: its name and help here, its flags and code in a file that is loaded when it is called. */
import type { Command } from 'commander';

/** Takes the exit status of the command line: 0 done, 1 failed or found problems, 2 wrong usage. */
export type Exit = (status: number) => void;

/** Adds arguments, flags and action to a command, or further commands below it. */
export type Configure = (command: Command, exit: Exit, args: readonly string[]) => unknown;

export interface Declared {
  name: string;
  description: string;
  load: () => Promise<{ configure: Configure }>;
}

/**
 * Adds commands to their parent. Of a command that `args` do not name, only the name and the description are added: help
 * needs no more, and a start loads no code that it does not run.
 */
export async function addCommands(
  parent: Command,
  commands: readonly Declared[],
  exit: Exit,
  args: readonly string[],
): Promise<void> {
  // `help NAME` shows the help of NAME.
  const at = args.findIndex((arg) => !arg.startsWith('-') && arg !== 'help');
  for (const { name, description, load } of commands) {
    const command = parent.command(name).description(description);
    if (args[at] === name) await (await load()).configure(command, exit, args.slice(at + 1));
  }
}
