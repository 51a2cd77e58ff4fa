/** A Lambda function that EventBridge calls once a minute: it reads the counts and sets the service's desired count. */
import { clamp, type Peer } from './peer.ts';

export interface LambdaSettings {
  /** Messages (visible and in flight) for each worker. */
  perWorker: number;
  min: number;
  max: number;
}

export function lambda({ perWorker, min, max }: LambdaSettings): Peer {
  return {
    name: 'lambda',
    settings: `${perWorker} messages a worker, once a minute`,
    loops: [
      {
        every: 60,
        look: ({ visible, inFlight }) => clamp(Math.ceil((visible + inFlight) / perWorker), min, max),
      },
    ],
  };
}
