/** Readings that an experiment needs beside queue and service. They are read only while an experiment runs or is due. */
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
