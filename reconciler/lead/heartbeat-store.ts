import type { Clients } from '../aws/clients.ts';
import { ParameterStore } from '../aws/parameters.ts';
import { type Heartbeat, heartbeatText, parseHeartbeat } from './heartbeat.ts';

/** A stored heartbeat; `beat` is undefined for a text that is none. */
export interface StoredHeartbeat {
  version: number;
  modified: number;
  beat: Heartbeat | undefined;
}

/** Reads and writes the heartbeat parameter. Every method rejects with what AWS threw, or with IncompleteAnswer. */
export interface HeartbeatStore {
  /** Returns the newest heartbeat; undefined when there has been none. */
  read(): Promise<StoredHeartbeat | undefined>;
  /** Stores a heartbeat and returns its version. */
  write(beat: Heartbeat): Promise<number>;
}

export function heartbeatStore(aws: Pick<Clients, 'ssm'>, parameter: string): HeartbeatStore {
  const cut = parameter.lastIndexOf('/') + 1;
  const store = new ParameterStore(aws, parameter.slice(0, cut));
  const name = parameter.slice(cut);
  return {
    async read() {
      const found = await store.find(name);
      return found && { version: found.version, modified: found.modified, beat: parseHeartbeat(found.text) };
    },
    write: (beat) => store.put(name, heartbeatText(beat), { overwrite: true }),
  };
}
