/** Runs one command line in this process, and keeps what it prints. */
import { main } from '../../reconciler/cli/program.ts';

export interface Ran {
  status: number;
  out: string;
  err: string;
}

/** Resolves to the status and the output of a command line. */
export async function command(...args: string[]): Promise<Ran> {
  const text = { out: '', err: '' };
  const real = { out: process.stdout.write, err: process.stderr.write };
  const keep = (name: 'out' | 'err') => (chunk: string | Uint8Array) => {
    text[name] += chunk;
    return true;
  };
  process.stdout.write = keep('out');
  process.stderr.write = keep('err');
  try {
    return { status: await main(args), ...text };
  } finally {
    process.stdout.write = real.out;
    process.stderr.write = real.err;
  }
}
