/** `sluice chaos`: experiments of a policy. */
import { addCommands, type Configure, type Declared } from '../command.ts';

const COMMANDS: readonly Declared[] = [
  {
    name: 'list',
    description: 'list every experiment: whether it is on, when it runs next, its last verdict',
    load: () => import('./list.ts'),
  },
  {
    name: 'run',
    description: 'ask the reconciler to run an experiment now, and print its answer',
    load: () => import('./run.ts'),
  },
  { name: 'stop', description: 'end and revert one experiment, or all of them', load: () => import('./stop.ts') },
  {
    name: 'report',
    description: 'show what runs did and showed: timeline, times, verdict',
    load: () => import('./report.ts'),
  },
];

export const configure: Configure = (command, exit, args) => addCommands(command, COMMANDS, exit, args);
