/** Keeps all alarms, evaluates them on the clock, and remembers their history. It does not carry out alarm actions. */
import type { Clock } from '../clock.ts';
import { integer, isObject, text, texts } from '../input.ts';
import { page } from '../paging.ts';
import { type Input, type Keeper, NO_KEEPER, type Persistent } from '../service.ts';
import { type AlarmSettings, type AlarmState, judge, readAlarm } from './alarm.ts';
import { alarmNotFound, invalidToken, missing, validation } from './errors.ts';
import type { Find } from './get-data.ts';
import { time } from './put.ts';

const STATES: readonly string[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];
const KEPT_HISTORY = 1_000;
const MAX_ALARMS = 5_000;
/** Evaluation intervals, as on AWS: one minute for periods of a minute or more, ten seconds for shorter periods. */
const SLOW_MS = 60_000;
const FAST_MS = 10_000;

interface Alarm {
  settings: AlarmSettings;
  state: AlarmState;
  reason: string;
  stateAt: number;
  updatedAt: number;
}

interface HistoryItem {
  /** Twelve digits that grow from item to item. */
  id: string;
  name: string;
  at: number;
  type: 'ConfigurationUpdate' | 'StateUpdate';
  summary: string;
  data: object;
}

export interface AlarmsContext {
  clock: Clock;
  region: string;
  accountId: string;
  find: Find;
  /** Milliseconds between evaluations of an alarm whose period is a minute or more. Default 60,000. */
  evaluateEveryMs?: number | undefined;
  onProblem(message: string, error?: unknown): void;
}

/** Returns the request that would make an alarm again. */
const inputOf = ({ given, actionsEnabled }: AlarmSettings): Input => ({ ...given, ActionsEnabled: actionsEnabled });

export class Alarms implements Persistent {
  readonly stateName = 'cloudwatch';
  readonly #context: AlarmsContext;
  readonly #alarms = new Map<string, Alarm & { cancel: () => void }>();
  #history: HistoryItem[] = [];
  #keeper: Keeper = NO_KEEPER;
  #lastItem = 0;
  #closed = false;

  constructor(context: AlarmsContext) {
    this.#context = context;
  }

  close(): void {
    this.#closed = true;
    for (const alarm of this.#alarms.values()) alarm.cancel();
  }

  restore(entities: ReadonlyMap<string, unknown>, keeper: Keeper): void {
    for (const [key, input] of entities) {
      if (!isObject(input)) throw new Error(`"${key}" is no alarm`);
      this.put(input);
    }
    this.#keeper = keeper;
  }

  *entities(): Generator<readonly [string, unknown]> {
    for (const { settings } of this.#alarms.values()) yield [settings.name, inputOf(settings)];
  }

  put(input: Input): void {
    const settings = readAlarm(input);
    const { clock } = this.#context;
    const before = this.#alarms.get(settings.name);
    if (!before && this.#alarms.size >= MAX_ALARMS) throw validation(`At most ${MAX_ALARMS} alarms are kept.`);
    before?.cancel();
    const now = clock.now();
    const fresh = { state: 'INSUFFICIENT_DATA' as const, reason: 'Unchecked: Initial alarm creation', stateAt: now };
    const alarm = { ...fresh, ...before, settings, updatedAt: now, cancel: () => {} };
    this.#alarms.set(settings.name, alarm);
    this.#keeper.put(settings.name, inputOf(settings));
    this.#note(settings.name, 'ConfigurationUpdate', `Alarm "${settings.name}" ${before ? 'updated' : 'created'}`, {});
    this.#schedule(alarm);
  }

  #schedule(alarm: Alarm & { cancel: () => void }): void {
    if (this.#closed) return;
    const { clock, evaluateEveryMs } = this.#context;
    const every = alarm.settings.period < 60 ? FAST_MS : (evaluateEveryMs ?? SLOW_MS);
    alarm.cancel = clock.after(Math.min(every, alarm.settings.period * 1000), () => {
      try {
        const { state, reason } = judge(alarm.settings, this.#context.find, clock.now(), alarm.state);
        this.#become(alarm, state, reason);
      } catch (error) {
        this.#context.onProblem(`The alarm ${alarm.settings.name} could not be evaluated: ${error}`, error);
      }
      this.#schedule(alarm);
    });
  }

  #become(alarm: Alarm, state: AlarmState, reason: string): void {
    if (state === alarm.state) return;
    const summary = `Alarm updated from ${alarm.state} to ${state}`;
    this.#note(alarm.settings.name, 'StateUpdate', summary, { oldState: alarm.state, newState: state, reason });
    alarm.state = state;
    alarm.reason = reason;
    alarm.stateAt = this.#context.clock.now();
  }

  #note(name: string, type: HistoryItem['type'], summary: string, data: object): void {
    const id = String(++this.#lastItem).padStart(12, '0');
    this.#history.push({ id, name, at: this.#context.clock.now(), type, summary, data });
    if (this.#history.length > KEPT_HISTORY) this.#history = this.#history.slice(-KEPT_HISTORY);
  }

  #named(input: Input): string[] {
    const names = texts(input, 'AlarmNames');
    if (!names || names.length === 0) throw missing('AlarmNames');
    if (names.length > 100) throw validation('At most 100 alarms can be named in one call.');
    return names;
  }

  delete(input: Input): void {
    for (const name of this.#named(input)) {
      this.#alarms.get(name)?.cancel();
      this.#alarms.delete(name);
      this.#keeper.remove(name);
    }
  }

  setState(input: Input): void {
    const name = text(input, 'AlarmName');
    const state = text(input, 'StateValue');
    const reason = text(input, 'StateReason');
    if (!name) throw missing('AlarmName');
    if (!state || !STATES.includes(state)) throw validation(`StateValue must be one of ${STATES.join(', ')}.`);
    if (reason === undefined) throw missing('StateReason');
    const alarm = this.#alarms.get(name);
    if (!alarm) throw alarmNotFound(name);
    this.#become(alarm, state as AlarmState, reason);
  }

  setActions(input: Input, enabled: boolean): void {
    for (const name of this.#named(input)) {
      const alarm = this.#alarms.get(name);
      if (!alarm) continue;
      alarm.settings.actionsEnabled = enabled;
      this.#keeper.put(name, inputOf(alarm.settings));
    }
  }

  describe(input: Input): object {
    const names = texts(input, 'AlarmNames');
    const prefix = text(input, 'AlarmNamePrefix') ?? '';
    const state = text(input, 'StateValue');
    const types = texts(input, 'AlarmTypes') ?? ['MetricAlarm'];
    const found = [...this.#alarms.values()]
      .filter(({ settings }) => (names ? names.includes(settings.name) : settings.name.startsWith(prefix)))
      .filter((alarm) => types.includes('MetricAlarm') && (state === undefined || alarm.state === state))
      .sort((a, b) => (a.settings.name < b.settings.name ? -1 : 1));
    const { items, NextToken } = pageOf(found, (alarm) => alarm.settings.name, input);
    return { MetricAlarms: items.map((alarm) => this.#show(alarm)), CompositeAlarms: [], NextToken };
  }

  history(input: Input): object {
    const name = text(input, 'AlarmName');
    const type = text(input, 'HistoryItemType');
    const from = time(input, 'StartDate') ?? Number.NEGATIVE_INFINITY;
    const to = time(input, 'EndDate') ?? Number.POSITIVE_INFINITY;
    const found = this.#history.filter(
      (item) =>
        (name === undefined || item.name === name) &&
        (type === undefined || item.type === type) &&
        item.at >= from &&
        item.at <= to,
    );
    const descending = text(input, 'ScanBy') !== 'TimestampAscending';
    if (descending) found.reverse();
    const { items, NextToken } = pageOf(found, (item) => item.id, input, descending);
    const AlarmHistoryItems = items.map((item) => ({
      AlarmName: item.name,
      AlarmType: 'MetricAlarm',
      Timestamp: item.at / 1000,
      HistoryItemType: item.type,
      HistorySummary: item.summary,
      HistoryData: JSON.stringify({ version: '1.0', ...item.data }),
    }));
    return { AlarmHistoryItems, NextToken };
  }

  #show({ settings, state, reason, stateAt, updatedAt }: Alarm): object {
    const { region, accountId } = this.#context;
    return {
      OKActions: [],
      AlarmActions: [],
      InsufficientDataActions: [],
      Dimensions: settings.given.Metrics ? undefined : [],
      ...settings.given,
      AlarmArn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${settings.name}`,
      ActionsEnabled: settings.actionsEnabled,
      AlarmConfigurationUpdatedTimestamp: updatedAt / 1000,
      StateValue: state,
      StateReason: reason,
      StateUpdatedTimestamp: stateAt / 1000,
      StateTransitionedTimestamp: stateAt / 1000,
    };
  }
}

function pageOf<T>(all: readonly T[], key: (item: T) => string, input: Input, descending = false) {
  const size = integer(input, 'MaxRecords') ?? 50;
  if (size < 1 || size > 100) throw validation('MaxRecords must be between 1 and 100.');
  const found = page(all, { size, token: text(input, 'NextToken'), key, descending, badToken: invalidToken });
  return { items: found.items, NextToken: found.next };
}
