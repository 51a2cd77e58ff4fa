/** Progress of a long computation on stderr: a line that rewrites itself on a terminal, a line now and then elsewhere. */
export interface Progress {
  /** The work under way, and the share of all work that is done, 0 to 1. */
  report: (what: string, share: number) => void;
  end: () => void;
}

const FIRST_MS = 1_000;
const TERMINAL_MS = 200;
const ELSEWHERE_MS = 10_000;

/** `now` gives milliseconds; nothing is written in the first second, so that short runs stay silent. */
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
