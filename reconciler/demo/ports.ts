import { createServer } from 'node:net';
import { UserError } from '../text/user-error.ts';

/** Throws UserError unless the port of 127.0.0.1 is free. `flag` chooses another one. Port 0 stands for any free port. */
export async function mustBeFree(port: number, flag: string): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(undefined));
  });
  await new Promise((resolve) => server.close(resolve));
  if (!problem) return;
  throw new UserError(
    problem.code === 'EADDRINUSE'
      ? `port ${port} is in use by another program; nothing was started`
      : `port ${port} cannot be used: ${problem.message}; nothing was started`,
    `choose another port with --${flag}, or 0 for any free one`,
  );
}
