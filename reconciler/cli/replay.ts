import { formatProblem, parsePolicy } from '../../policies/document/parse.ts';
import {
  decideAgain,
  KnownPolicies,
  type Recorded,
  type Replayed,
  replay as replayOne,
} from '../../policies/replay.ts';
import { color, json, out, readInput, table, UserError } from './io.ts';
import { decisionOf, logLines, parseRecord } from './log-record.ts';

export interface ReplayOptions {
  /** Another policy, to see what it would have decided. */
  policy?: string;
  json?: boolean;
}

/** Differences that are printed; all are counted. */
const SHOWN = 20;

/** `replay LOG`: every decision of a log computed again. Status 1 when one is not the same. */
export async function replay(file: string, options: ReplayOptions): Promise<number> {
  const { recorded, known } = await read(file);
  if (recorded.length === 0) throw new UserError(`${file} holds no decision`, 'is it a log of sluice run?');
  return options.policy === undefined
    ? verify(recorded, known, options)
    : compare(recorded, options.policy, await readInput(options.policy), options);
}

async function read(file: string): Promise<{ recorded: Recorded[]; known: KnownPolicies }> {
  const known = new KnownPolicies();
  const recorded: Recorded[] = [];
  for await (const line of logLines(file, false)) {
    const record = parseRecord(line);
    if (record?.msg === 'policy applied' && record.policy && record.text !== undefined)
      known.learn(record.policy, record.version ?? 0, record.text);
    const decision = record && decisionOf(record);
    if (decision && record.memory) recorded.push({ decision, memory: record.memory });
  }
  return { recorded, known };
}

function verify(recorded: Recorded[], known: KnownPolicies, options: ReplayOptions): number {
  const replayed = recorded.map((r) => replayOne(r, known.find(r.decision.policy, r.decision.generation)));
  const of = <K extends Replayed['kind']>(kind: K) =>
    replayed.filter((r): r is Extract<Replayed, { kind: K }> => r.kind === kind);
  const [same, different, unknown] = [of('same'), of('different'), of('unknown')];
  if (options.json) {
    json({
      decisions: recorded.length,
      same: same.length,
      different: different.map(({ decision: { policy, at }, at: where, was, is }) => ({ policy, at, where, was, is })),
      unknown: unknown.length,
    });
  } else {
    for (const { decision, at, was, is } of different.slice(0, SHOWN))
      out(
        `${new Date(decision.at).toISOString()} ${color.bold(decision.policy)} ${color.red('differs')} at ${at}: ${JSON.stringify(was)} in the log, ${JSON.stringify(is)} now`,
      );
    if (unknown[0]) out(color.yellow(`${unknown.length} not computed again: ${unknown[0].because}`));
    const share = (100 * same.length) / recorded.length;
    const words = `${same.length} of ${recorded.length} decisions are identical (${share.toFixed(share === 100 ? 0 : 2)} %)`;
    out(different.length === 0 ? color.green(words) : words);
  }
  return different.length > 0 || unknown.length > 0 ? 1 : 0;
}

interface Other {
  at: number;
  policy: string;
  was: number | undefined;
  is: number | undefined;
  because: string;
}

function compare(recorded: Recorded[], file: string, text: string, options: ReplayOptions): number {
  const parsed = parsePolicy(text);
  if (!parsed.ok)
    throw new UserError(
      `${file} is not valid\n${parsed.problems.map((p) => `  ${formatProblem(file, p)}`).join('\n')}`,
    );
  const { name } = parsed.policy.metadata;
  const policies = new Set(recorded.map((r) => r.decision.policy));
  const mine = recorded.filter((r) => policies.size === 1 || r.decision.policy === name);
  if (mine.length === 0)
    throw new UserError(`the log holds no decision of ${name}`, `it tells of ${[...policies].join(', ')}`);
  const others = mine.map(({ decision, memory }): Other => {
    const again = decideAgain({ decision, memory }, parsed.policy);
    return {
      at: decision.at,
      policy: decision.policy,
      was: decision.desired,
      is: again.desired,
      because: again.summary,
    };
  });
  const different = others.filter((o) => o.was !== o.is);
  const hours = { was: workerHours(others, (o) => o.was), is: workerHours(others, (o) => o.is) };
  if (options.json) {
    json({ decisions: mine.length, different, workerHours: hours });
    return 0;
  }
  const rows = different
    .slice(0, SHOWN)
    .map((o) => [new Date(o.at).toISOString(), `${o.was ?? '-'}`, `${o.is ?? '-'}`, o.because]);
  if (rows.length > 0) out(table([['WHEN', 'WAS', 'WOULD BE', 'BECAUSE'].map((h) => color.dim(h)), ...rows]));
  if (different.length > SHOWN) out(color.dim(`... and ${different.length - SHOWN} more (--json has all)`));
  out(`${different.length} of ${mine.length} decisions would have been others`);
  out(
    `worker-hours asked for: ${hours.was.toFixed(2)} as it was, ${hours.is.toFixed(2)} with ${file}${hours.was > 0 ? ` (${percent(hours.is / hours.was - 1)})` : ''}`,
  );
  out(
    color.dim(
      'Each decision is taken on what was seen then; what the other counts would have led to is for sluice backtest.',
    ),
  );
  return 0;
}

const percent = (share: number): string => `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;

/** The count of each decision until the next one. */
function workerHours(others: readonly Other[], count: (o: Other) => number | undefined): number {
  let total = 0;
  others.forEach((o, i) => {
    const next = others[i + 1];
    if (next) total += ((count(o) ?? 0) * (next.at - o.at)) / 3_600_000;
  });
  return total;
}
