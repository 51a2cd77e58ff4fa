import { Argument } from 'commander';
import { out } from '../text/terminal.ts';
import type { Configure, Declared } from './command.ts';

const EXAMPLES = `
Try:
  source <(sluice completion bash)                                       this session of bash
  sluice completion zsh > "\${fpath[1]}/_sluice"                          zsh
  sluice completion fish > ~/.config/fish/completions/sluice.fish        fish`;

/** Returns the command that prints completion scripts for the given commands and for itself. */
export function completionOf(others: readonly Declared[]): Declared {
  const configure: Configure = (command, exit) =>
    command
      .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
      .addHelpText('after', EXAMPLES)
      .action(async (shell: 'bash' | 'zsh' | 'fish') => {
        // Loaded here: no other command needs them.
        const [{ treeOf }, shells] = await Promise.all([
          import('./completion/tree.ts'),
          import('./completion/shells.ts'),
        ]);
        out(shells[shell](await treeOf([...others, own])).trimEnd());
        exit(0);
      });
  const own: Declared = {
    name: 'completion',
    description: 'print a script that completes commands and flags in bash, zsh or fish',
    load: async () => ({ configure }),
  };
  return own;
}
