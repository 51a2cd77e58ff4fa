/** Running the AWS CLI and Python from tests, where this machine has them. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Output {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Ends with whatever the program did; a program that is not there has code 127. */
export function run(command: string, args: string[], env: Record<string, string> = {}): Promise<Output> {
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: String(error) }));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export const has = async (command: string, args: string[]): Promise<boolean> => (await run(command, args)).code === 0;
