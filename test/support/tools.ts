/** Tools of other makers (AWS CLI, Python, moto, Chromium) that some tests need and npm does not bring. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'uvu';

export interface Output {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end and returns what it printed. A program that is not here has code 127. */
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

/** Returns whether a program is here and succeeds with these arguments. */
export const has = async (command: string, args: string[]): Promise<boolean> => (await run(command, args)).code === 0;

/** The Chromium of this machine, or undefined. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/**
 * Fails where every tool must be here (`SLUICE_REQUIRE_TOOLS=1`, which .ci/run sets); elsewhere prints what is left out.
 *
 * @param consequence such as "the page is not opened in a browser"
 */
export function missing(tool: string, consequence: string): void {
  assert.notEqual(process.env.SLUICE_REQUIRE_TOOLS, '1', `${tool} is missing. Run .ci/tools, which installs it`);
  console.log(`notice: ${tool} is missing, so ${consequence}`);
}

/** Registers one test in place of a file's tests that need a missing tool. */
export const withoutTool = (tool: string, consequence: string): void =>
  test(`${tool} is missing`, () => missing(tool, consequence));
