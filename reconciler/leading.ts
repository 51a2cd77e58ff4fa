import type { Logger } from 'pino';
import type { Instant } from '../policies/model/observation.ts';
import type { ClientSettings, Clients } from './aws/clients.ts';
import { namedError } from './aws/errors.ts';
import { withHeartbeat } from './lead/beat.ts';
import { leadByHeartbeat } from './lead/by-heartbeat.ts';
import { leadByLease } from './lead/by-lease.ts';
import { heartbeatParameterOf } from './lead/heartbeat.ts';
import { heartbeatStore } from './lead/heartbeat-store.ts';
import type { Leading } from './lead/leadership.ts';
import { leaseTable } from './lead/lease-table.ts';
import { newSelf } from './lead/self.ts';
import type { Settings } from './settings.ts';

/** Returns what decides whether this process acts, and lets the clients refuse every write while it does not. */
export function leadingOf(
  aws: Clients,
  reach: ClientSettings,
  settings: Settings,
  log: Logger,
  lastTick: () => Instant | undefined,
): Leading {
  const { prefix, heartbeatParameter, heartbeatInterval: every, leaseTable: table, leaseDuration: lasts } = settings;
  const self = newSelf(settings.id);
  const store = heartbeatStore(aws, heartbeatParameter ?? heartbeatParameterOf(prefix));
  const beat = { self, store, every, log, lastTick };
  const leading =
    table === undefined
      ? leadByHeartbeat(beat)
      : withHeartbeat(leadByLease({ self, table: leaseTable(reach, table, prefix), lasts, log }), beat);
  aws.beforeWrite = (action) => {
    if (leading.mayWrite()) return;
    throw namedError('NotLeading', `${action} was not sent: this reconciler does not lead`);
  };
  return leading;
}
