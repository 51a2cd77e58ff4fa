/** Reads the settings of one metric alarm from PutMetricAlarm, and judges which state the alarm should have. */
import { flag, integer, text, texts } from '../input.ts';
import type { Input } from '../service.ts';
import { missing, validation } from './errors.ts';
import type { Points } from './expression.ts';
import { alignStart, checkPeriod, Evaluation, type Find, type Query, readQueries } from './get-data.ts';
import { readMetric, readUnit } from './metric.ts';
import { number } from './put.ts';
import { statistic } from './statistic.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

const OPERATORS: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

const MISSING = ['breaching', 'notBreaching', 'ignore', 'missing'];

export interface AlarmSettings {
  name: string;
  /** The query that is compared; it may be an expression over the others. */
  target: string;
  queries: Query[];
  /** Seconds. */
  period: number;
  threshold: number;
  operator: string;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissingData: string;
  actionsEnabled: boolean;
  /** The members of the request. DescribeAlarms returns them. */
  given: Input;
}

function ownQuery(input: Input): Query {
  const statName = text(input, 'Statistic') ?? text(input, 'ExtendedStatistic');
  if (!statName) throw missing('Statistic');
  const stat = statistic(statName);
  if (!stat) throw validation(`The statistic ${statName} is not supported.`);
  const period = checkPeriod(integer(input, 'Period'), 'Period');
  const metric = { name: readMetric(input), stat, statName, unit: readUnit(input) };
  return { id: 'own', label: undefined, returnData: true, period, metric };
}

/**
 * Returns the settings of an alarm.
 * @throws AwsError for settings that CloudWatch refuses, or that the embedded AWS does not support
 */
export function readAlarm(input: Input): AlarmSettings {
  const name = text(input, 'AlarmName');
  if (!name) throw missing('AlarmName');
  if (name.length > 255) throw validation('AlarmName can have at most 255 characters.');
  const queries =
    Array.isArray(input.Metrics) && input.Metrics.length > 0 ? readQueries(input, 'Metrics') : [ownQuery(input)];
  const returned = queries.filter((each) => each.returnData);
  const target = returned[0];
  if (returned.length !== 1 || !target) throw validation('Exactly one element of the metrics list must return data.');
  const operator = text(input, 'ComparisonOperator') ?? '';
  if (!Object.hasOwn(OPERATORS, operator))
    throw validation(
      `The ComparisonOperator "${operator}" is not supported. Supported: ${Object.keys(OPERATORS).join(', ')}.`,
    );
  const threshold = number(input, 'Threshold');
  if (threshold === undefined) throw missing('Threshold');
  const evaluationPeriods = integer(input, 'EvaluationPeriods') ?? 0;
  if (evaluationPeriods < 1) throw validation('EvaluationPeriods must be at least 1.');
  const datapointsToAlarm = integer(input, 'DatapointsToAlarm') ?? evaluationPeriods;
  if (datapointsToAlarm < 1 || datapointsToAlarm > evaluationPeriods)
    throw validation('DatapointsToAlarm must be between 1 and EvaluationPeriods.');
  const period = target.period ?? Math.max(...queries.map((each) => each.period ?? 60));
  if (period * evaluationPeriods > 86_400 * 7) throw validation('Metrics cannot be checked across more than a week.');
  const treatMissingData = text(input, 'TreatMissingData') ?? 'missing';
  if (!MISSING.includes(treatMissingData)) throw validation(`TreatMissingData must be one of ${MISSING.join(', ')}.`);
  for (const list of ['OKActions', 'AlarmActions', 'InsufficientDataActions']) texts(input, list);
  const { Tags: _tags, ...given } = input;
  return {
    name,
    target: target.id,
    queries,
    period,
    threshold,
    operator,
    evaluationPeriods,
    datapointsToAlarm,
    treatMissingData,
    actionsEnabled: flag(input, 'ActionsEnabled') ?? true,
    given,
  };
}

/**
 * Returns the points of the last `evaluationPeriods` whole periods, oldest first; undefined for a period without a
 * point.
 */
function recent(settings: AlarmSettings, find: Find, now: number): (number | undefined)[] {
  const ms = settings.period * 1000;
  const end = alignStart(Math.floor(now / ms) * ms, settings.period);
  const from = end - settings.evaluationPeriods * ms;
  const points: Points = new Evaluation(settings.queries, find, from, end).series(settings.target)[0] ?? new Map();
  return Array.from({ length: settings.evaluationPeriods }, (_, i) => points.get(from + i * ms));
}

export interface Verdict {
  state: AlarmState;
  reason: string;
}

/** Returns the state that the points call for: ALARM if at least `datapointsToAlarm` periods breach ("M out of N"). */
export function judge(settings: AlarmSettings, find: Find, now: number, before: AlarmState): Verdict {
  const points = recent(settings, find, now);
  const breaches = (value: number): boolean => OPERATORS[settings.operator]?.(value, settings.threshold) ?? false;
  const known = points.filter((value) => value !== undefined);
  const absent = points.length - known.length;
  const shown = known.map((value) => Number(value.toFixed(3))).join(', ');
  const { treatMissingData, datapointsToAlarm } = settings;
  if (known.length === 0) {
    const state = { breaching: 'ALARM', notBreaching: 'OK', ignore: before, missing: 'INSUFFICIENT_DATA' } as const;
    const reason = `no datapoints were received for ${absent} periods, treated as [${treatMissingData}]`;
    return { state: state[treatMissingData as keyof typeof state], reason: `Threshold Crossed: ${reason}.` };
  }
  const breaching = known.filter(breaches).length + (treatMissingData === 'breaching' ? absent : 0);
  const told = `of the last ${points.length} datapoints [${shown}] ${breaching} breached the threshold (${settings.threshold}), ${datapointsToAlarm} needed`;
  if (breaching >= datapointsToAlarm) return { state: 'ALARM', reason: `Threshold Crossed: ${told}.` };
  // With "ignore" an alarm is not called off as long as the missing points could have kept it up.
  if (treatMissingData === 'ignore' && breaching + absent >= datapointsToAlarm) return { state: before, reason: told };
  return { state: 'OK', reason: `Threshold not crossed: ${told}.` };
}
