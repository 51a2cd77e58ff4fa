import type { Logger } from 'pino';
import type { Instant } from '../policies/model/observation.ts';
import type { Clients } from './aws/clients.ts';
import { namedError } from './aws/errors.ts';
import { leadByHeartbeat } from './lead/by-heartbeat.ts';
import { heartbeatParameterOf } from './lead/heartbeat.ts';
import { heartbeatStore } from './lead/heartbeat-store.ts';
import type { Leading } from './lead/leadership.ts';
import { newSelf } from './lead/self.ts';
import type { Settings } from './settings.ts';

/** Returns what decides whether this process acts, and lets the clients refuse every write while it does not. */
export function leadingOf(aws: Clients, settings: Settings, log: Logger, lastTick: () => Instant | undefined): Leading {
  const self = newSelf(settings.id);
  const store = heartbeatStore(aws, settings.heartbeatParameter ?? heartbeatParameterOf(settings.prefix));
  const leading = leadByHeartbeat({ self, store, every: settings.heartbeatInterval, log, lastTick });
  aws.beforeWrite = (action) => {
    if (leading.mayWrite()) return;
    throw namedError('NotLeading', `${action} was not sent: this reconciler does not lead`);
  };
  return leading;
}
