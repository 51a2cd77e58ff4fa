/** Readings that an experiment needs beside queue and service; asked for only while one runs or is due. */
export interface RequiredReadings {
  /** The service's running tasks, one by one. */
  tasks?: boolean;
  /** The queue's access policy. */
  access?: boolean;
  /** The service's network configuration. */
  network?: boolean;
  /** The role of the service's tasks. */
  role?: boolean;
  /** Messages in the dead-letter queue. */
  deadLetters?: boolean;
  /** A parameter's value. */
  flag?: string;
  /** CloudWatch alarms, by name. */
  alarms?: string[];
}

export function mergeWants(all: readonly RequiredReadings[]): RequiredReadings {
  const alarms = [...new Set(all.flatMap((w) => w.alarms ?? []))];
  const merged: RequiredReadings = Object.assign({}, ...all);
  return alarms.length > 0 ? { ...merged, alarms } : merged;
}
