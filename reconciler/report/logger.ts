import pino, { type DestinationStream, type LogFn, type Logger } from 'pino';

/** Returns the process's logger: pino JSON, one line an event, ISO time. docs/logging.md lists the message names. */
export function createLogger(level: string, destination: DestinationStream = standardOutput()): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
      hooks: { logMethod: messageFirst },
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

/**
 * Puts the message before the fields. CloudWatch Logs Insights looks at the first 200 fields of a line, and pino writes the
 * message last.
 */
function messageFirst(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [fields, msg] = args as unknown[];
  if (typeof fields === 'object' && fields !== null && typeof msg === 'string') method.call(this, { msg, ...fields });
  else method.apply(this, args);
}
