import pino, { type DestinationStream, type Logger } from 'pino';

/** Returns the process's logger: pino JSON, one line an event, ISO time. docs/logging.md lists the message names. */
export function createLogger(level: string, destination: DestinationStream = standardOutput()): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
    },
    destination,
  );
}

/** Returns standard output. Lines that it does not take (a closed pipe, a full disk) are lost: scaling matters more. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true });
  output.on('error', () => {});
  return output;
}
