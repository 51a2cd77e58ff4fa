/** The commands and flags of this program as plain data, for the shells' completion scripts. */
import { Command } from 'commander';
import { addCommands, type Declared } from '../command.ts';

export interface Flag {
  long: string;
  short: string | undefined;
  description: string;
  /** True when a value follows. */
  takesValue: boolean;
  choices: readonly string[];
}

export interface Node {
  /** The words that lead here, such as `policy apply`; empty for the program itself. */
  path: string;
  name: string;
  description: string;
  flags: Flag[];
  children: Node[];
}

/** Returns every command below the given ones. Their code is loaded, and none of it is run. */
export async function treeOf(commands: readonly Declared[]): Promise<Node> {
  const root = new Command('sluice');
  await fill(root, commands);
  return nodeOf(root, '');
}

/** Adds each command with all of its flags: a start of the program adds those of one command only. */
async function fill(parent: Command, commands: readonly Declared[]): Promise<void> {
  for (const { name } of commands) {
    const alone = new Command();
    await addCommands(
      alone,
      commands.filter((c) => c.name === name),
      () => {},
      [name],
    );
    const [command] = alone.commands;
    if (!command) continue;
    parent.addCommand(await whole(command, commands.find((c) => c.name === name)!));
  }
}

/** A command with commands below it adds only the one that its arguments name; each is asked for in turn. */
async function whole(command: Command, declared: Declared): Promise<Command> {
  const names = command.commands.map((c) => c.name());
  if (names.length === 0) return command;
  const group = new Command(declared.name).description(declared.description);
  for (const name of names) {
    const again = new Command(declared.name);
    await (await declared.load()).configure(again, () => {}, [name]);
    const found = again.commands.find((c) => c.name() === name);
    if (found) group.addCommand(found);
  }
  return group;
}

function nodeOf(command: Command, path: string): Node {
  const children = command.commands.map((c) => nodeOf(c, path === '' ? c.name() : `${path} ${c.name()}`));
  const flags = command.options
    .filter((option) => !option.hidden && option.long)
    .map((option) => ({
      long: option.long ?? '',
      short: option.short,
      description: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
    }));
  return { path, name: command.name(), description: command.description(), flags, children };
}
