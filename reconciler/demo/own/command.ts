/** Characters that only a shell understands: pipes, lists, redirections, and a variable that is set for one command. */
const NEEDS_SHELL = /[|&;<>()\n]|^\s*\w+=/;

/**
 * Returns the words that start a command line of the user. The command replaces the shell, so that SIGTERM reaches the
 * worker itself. A line of several commands needs the shell: then the shell gets SIGTERM, unless the line says `exec`.
 */
export const argvOf = (line: string): string[] => ['/bin/sh', '-c', NEEDS_SHELL.test(line) ? line : `exec ${line}`];
