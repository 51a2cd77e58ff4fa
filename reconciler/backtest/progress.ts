/** Progress of a long computation on stderr: one line that is rewritten on a terminal, a line every 10 s elsewhere. */
export interface Progress {
  /** Shows the present part, and the share of the whole that is done, 0 to 1. */
  report: (what: string, share: number) => void;
  end: () => void;
}

const FIRST_MS = 1_000;
const TERMINAL_MS = 200;
const ELSEWHERE_MS = 10_000;

/** Returns a progress that writes nothing in the first second, so that short runs stay silent. `now`: milliseconds. */
export function progress(stream: NodeJS.WriteStream, now: () => number): Progress {
  const terminal = stream.isTTY === true;
  let next = now() + FIRST_MS;
  let shown = false;
  return {
    report: (what, share) => {
      if (now() < next) return;
      next = now() + (terminal ? TERMINAL_MS : ELSEWHERE_MS);
      const line = `${String(Math.floor(100 * share)).padStart(3)} %  ${what}`;
      stream.write(terminal ? `\r\u001b[2K${line}` : `${line}\n`);
      shown = true;
    },
    end: () => {
      if (terminal && shown) stream.write('\r\u001b[2K');
    },
  };
}
