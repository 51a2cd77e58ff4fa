import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

const OFF = new Set(['false', 'off', 'paused', '0']);
const POLL_MS = 1_000;

/** Polls an SSM parameter that may switch the worker off; how failure simulation pauses workers without touching the queue. */
export function watchFlag(parameter: string | undefined): { paused: () => boolean; close: () => void } {
  if (!parameter) return { paused: () => false, close: () => {} };
  const client = new SSMClient({});
  let paused = false;
  const timer = setInterval(() => {
    client.send(new GetParameterCommand({ Name: parameter })).then(
      ({ Parameter }) => {
        paused = OFF.has((Parameter?.Value ?? '').trim().toLowerCase());
      },
      // A flag that is not there or cannot be read changes nothing: it must not be able to stop a fleet.
      () => {},
    );
  }, POLL_MS);
  timer.unref();
  return { paused: () => paused, close: () => client.destroy() };
}
