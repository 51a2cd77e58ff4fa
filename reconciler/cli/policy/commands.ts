/** `sluice policy`: the document in its parameter. */
import { addCommands, type Configure, type Declared } from '../command.ts';

const COMMANDS: readonly Declared[] = [
  {
    name: 'validate',
    description: 'check documents; prints one line per problem: file:line:col path: problem (hint)',
    load: () => import('./validate.ts'),
  },
  { name: 'get', description: 'print the stored text', load: () => import('./get.ts') },
  {
    name: 'apply',
    description: 'check a document, show the diff, store it; refuses if a newer version was stored meanwhile',
    load: () => import('./apply.ts'),
  },
  {
    name: 'edit',
    description: 'edit the stored text in $EDITOR, check it, show the diff, store it',
    load: () => import('./edit.ts'),
  },
  {
    name: 'diff',
    description: 'compare a file with the stored version, or two stored versions; exits 1 when they differ',
    load: () => import('./diff.ts'),
  },
  { name: 'history', description: 'list the stored versions, newest first', load: () => import('./history.ts') },
  { name: 'rollback', description: 'store an older text as the next version', load: () => import('./rollback.ts') },
  {
    name: 'schema',
    description: 'print the JSON Schema of the document, for editors',
    load: () => import('./schema.ts'),
  },
];

export const configure: Configure = (command, exit, args) => addCommands(command, COMMANDS, exit, args);
