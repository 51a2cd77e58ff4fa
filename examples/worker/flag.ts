import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

const OFF = new Set(['false', 'off', 'paused', '0']);
const POLL_MS = 1_000;

/**
 * Returns true when the value of a flag asks workers to pause: false, off, paused, 0, or `paused until TIME`, which ends
 * at TIME even when nobody resets it.
 */
export function asksToPause(value: string, now: number): boolean {
  const text = value.trim().toLowerCase();
  const until = /^paused until (\S+)$/.exec(text)?.[1];
  return until === undefined ? OFF.has(text) : Date.parse(until.toUpperCase()) > now;
}

/** Polls the SSM parameter by which an experiment pauses workers without touching their queue. */
export function watchFlag(parameter: string | undefined): { paused: () => boolean; close: () => void } {
  if (!parameter) return { paused: () => false, close: () => {} };
  const client = new SSMClient({});
  let value = '';
  const timer = setInterval(() => {
    client.send(new GetParameterCommand({ Name: parameter })).then(
      ({ Parameter }) => {
        value = Parameter?.Value ?? '';
      },
      // A flag that is missing or cannot be read changes nothing: it must not be able to stop a fleet.
      () => {},
    );
  }, POLL_MS);
  timer.unref();
  return { paused: () => asksToPause(value, Date.now()), close: () => client.destroy() };
}
