/** boto3 behind one function: it checks each parameter against AWS's own service models before it calls. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Params, Send } from './replay.ts';

/** Starts boto3 against an endpoint. Answers come in the order of the questions; its owner ends it by closing stdin. */
export function startBridge(url: string): { send: Send; child: ChildProcess } {
  const file = fileURLToPath(new URL('../peers/bridge.py', import.meta.url));
  const child = spawn('python3', [file, url], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  const send: Send = (service, operation, params) =>
    new Promise((resolve, reject) => {
      waiting.push((line) => {
        const { ok, error } = JSON.parse(line) as { ok?: Params; error?: string };
        if (ok) resolve(ok);
        else reject(new Error(`${service}:${operation}: ${error}`));
      });
      child.stdin.write(`${JSON.stringify({ service, operation, params })}\n`);
    });
  return { send, child };
}
