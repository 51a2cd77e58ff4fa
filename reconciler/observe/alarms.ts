import { paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { AlarmReport, Instant, Reading } from '../../policies/model/observation.ts';
import { alarmReports } from '../aws/border/cloudwatch.ts';
import type { Clients } from '../aws/clients.ts';
import { allPages } from '../aws/pages.ts';
import { batcher } from './batch.ts';
import { OptionalRead } from './optional-read.ts';

/** DescribeAlarms: at most 100 names in a call. */
const NAMES_PER_CALL = 100;
/** Milliseconds between two reads of one alarm. CloudWatch evaluates an alarm once in 10 s at most. */
const INTERVAL_MS = 10_000;

/** Reads the alarms that pause scale-up, in batches across policies. */
export class AlarmReader {
  readonly #reports: OptionalRead<AlarmReport>;
  readonly #load: (name: string) => Promise<AlarmReport>;

  constructor({ cloudwatch: client }: Clients, now: () => Instant) {
    this.#reports = new OptionalRead({ action: 'cloudwatch:DescribeAlarms', now });
    this.#load = batcher(NAMES_PER_CALL, async (names: readonly string[]) => {
      const input = {
        AlarmNames: [...names],
        AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const],
        MaxRecords: NAMES_PER_CALL,
      };
      return alarmReports(
        await allPages('cloudwatch:DescribeAlarms', paginateDescribeAlarms({ client }, input)),
        names,
      );
    });
  }

  /** Returns a reading of each alarm within `limit` milliseconds. An alarm that several policies name is read once. */
  async reports(names: readonly string[], limit: number): Promise<Record<string, Reading<AlarmReport>>> {
    const readings = names.map(
      async (name) => [name, await this.#reports.get(name, limit, INTERVAL_MS, () => this.#load(name))] as const,
    );
    return Object.fromEntries(await Promise.all(readings));
  }
}
