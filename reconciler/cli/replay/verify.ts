import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import { type Recorded, type Replayed, replay } from '../../../policies/replay.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { color, json, out } from '../../text/terminal.ts';
import { timeText } from '../../text/time.ts';

/** Differences that are printed; all are counted. */
const SHOWN = 20;

type Of<K extends Replayed['kind']> = Extract<Replayed, { kind: K }>;

/** One decision of a log, and the document that was in force when it was made; undefined when the log lacks it. */
export interface Judged extends Recorded {
  policy: WorkerPolicy | undefined;
}

/**
 * Prints how many decisions come out the same, and the differences. Status 1 when one decides something else, or cannot be
 * computed. A log of another version of Sluice may word a decision differently: that is told and is no failure.
 */
export function verify(recorded: readonly Judged[], asJson: boolean): number {
  const replayed = recorded.map(replayOne);
  const count = (kind: Replayed['kind']): number => replayed.filter((r) => r.kind === kind).length;
  const different = replayed.filter((r): r is Of<'different'> => r.kind === 'different');
  const unknown = replayed.filter((r): r is Of<'unknown'> => r.kind === 'unknown');
  const [same, reworded] = [count('same'), count('reworded')];
  if (asJson)
    json({
      decisions: recorded.length,
      same,
      reworded,
      different: different.map(({ decision: { policy, at }, at: where, was, is }) => ({
        policy,
        at: new Date(at).toISOString(),
        where,
        was,
        is,
      })),
      unknown: unknown.length,
    });
  else {
    for (const one of different.slice(0, SHOWN)) out(differenceLine(one));
    if (different.length > SHOWN) out(color.dim(`... and ${different.length - SHOWN} more (--json shows all)`));
    if (unknown[0]) out(color.yellow(escapeTerminal(`${unknown.length} not computed: ${unknown[0].because}`)));
    out(summary(same, reworded, recorded.length));
  }
  return different.length > 0 || unknown.length > 0 ? 1 : 0;
}

/** A log can be damaged within a decision in ways that only computing it shows. */
function replayOne(recorded: Judged): Replayed {
  const { decision } = recorded;
  try {
    return replay(recorded, recorded.policy);
  } catch (error) {
    const at = timeText(decision.at);
    return { kind: 'unknown', decision, because: `the record of ${at} is damaged: ${(error as Error).message}` };
  }
}

function differenceLine({ decision, at, was, is }: Of<'different'>): string {
  const when = timeText(decision.at);
  const values = `${JSON.stringify(was)} in the log, ${JSON.stringify(is)} now`;
  return `${when} ${color.bold(escapeTerminal(decision.policy))} ${color.red('differs')} at ${escapeTerminal(`${at}: ${values}`)}`;
}

function summary(same: number, reworded: number, of: number): string {
  const equal = same + reworded;
  const share = (100 * equal) / of;
  const words = `${equal} of ${of} decisions come out the same (${share.toFixed(share === 100 ? 0 : 2)} %)`;
  const other =
    reworded === 0 ? '' : `; ${reworded} of them in other words, as another version of Sluice wrote this log`;
  return (equal === of ? color.green(words) : words) + other;
}
