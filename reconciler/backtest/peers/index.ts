/** The peers by name, each at its stock setting, and the settings among which `--tune` finds the best in hindsight. */
import { keda } from './keda.ts';
import { lambda } from './lambda.ts';
import { nomad } from './nomad.ts';
import type { Peer } from './peer.ts';
import { type Adjustment, CDK_DOWN, CDK_STEPS, stepScaling } from './step-scaling.ts';
import { targetTracking } from './target-tracking.ts';
import { threshold } from './threshold.ts';
import { wpa } from './wpa.ts';

/** Facts that peers get. Those that need a processing time get the true one, so that none has a disadvantage. */
export interface PeerFacts {
  min: number;
  max: number;
  /** Acceptable wait in seconds. */
  target: number;
  /** Mean seconds for one message. */
  service: number;
  concurrency: number;
}

/** Makes a new peer: a peer keeps state over a run. */
export type MakePeer = () => Peer;

interface Catalogue {
  stock: (facts: PeerFacts) => Peer;
  /** Every setting to try. */
  settings: (facts: PeerFacts) => MakePeer[];
}

const LAGS = { best: 60, usual: 180 } as const;

/** Returns whole numbers from 1 around the messages that one worker handles within the target. */
function perWorker({ target, service, concurrency }: PeerFacts): number[] {
  const most = Math.max(6, Math.ceil((target / service) * concurrency));
  const steps = [1, 2, 3, 4, 5, 6].map((sixth) => Math.max(1, Math.round((most * sixth) / 6)));
  return [...new Set([1, 2, 3, ...steps])].sort((a, b) => a - b);
}

const acceptable = ({ target, service, concurrency }: PeerFacts): number => (target / service) * concurrency;

const tracking =
  (lag: number, ratio: 'math' | 'copilot' = 'math') =>
  (share: number, facts: PeerFacts): Peer =>
    targetTracking({ ...facts, lag, ratio, target: Number((share * acceptable(facts)).toPrecision(3)) });

/** Copilot's Lambda writes its metric itself, each minute, without the lag of SQS's own. */
const copilot = tracking(0, 'copilot');

const SHARES = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 1.5];

const STEPS: readonly (readonly { from: number; by: Adjustment }[])[] = [
  CDK_STEPS,
  [
    { from: 20, by: { workers: 1 } },
    { from: 100, by: { workers: 5 } },
  ],
  [
    { from: 5, by: { workers: 1 } },
    { from: 20, by: { workers: 5 } },
    { from: 100, by: { workers: 20 } },
  ],
  [
    { from: 1, by: { workers: 5 } },
    { from: 20, by: { workers: 20 } },
    { from: 100, by: { workers: 50 } },
  ],
  [{ from: 1, by: { workers: 2 } }],
  [
    { from: 1, by: { percent: 10, atLeast: 1 } },
    { from: 20, by: { percent: 50, atLeast: 2 } },
    { from: 100, by: { percent: 100, atLeast: 5 } },
  ],
  [
    { from: 1, by: { percent: 50, atLeast: 2 } },
    { from: 20, by: { percent: 200, atLeast: 10 } },
  ],
];

const DOWNS: readonly Adjustment[] = [CDK_DOWN, { percent: -10 }, { percent: -50 }];

export const PEERS: Record<string, Catalogue> = {
  keda: {
    stock: (facts) => keda({ ...facts, queueLength: 5, behavior: 'absent' }),
    settings: (facts) =>
      perWorker(facts).map((queueLength) => () => keda({ ...facts, queueLength, behavior: 'absent' })),
  },
  'keda-behavior': {
    stock: (facts) => keda({ ...facts, queueLength: 5, behavior: 'present' }),
    settings: (facts) =>
      perWorker(facts).map((queueLength) => () => keda({ ...facts, queueLength, behavior: 'present' })),
  },
  'aws-target-tracking': {
    stock: (facts) => tracking(LAGS.best)(1, facts),
    settings: (facts) => SHARES.map((share) => () => tracking(LAGS.best)(share, facts)),
  },
  'aws-target-tracking-late': {
    stock: (facts) => tracking(LAGS.usual)(1, facts),
    settings: (facts) => SHARES.map((share) => () => tracking(LAGS.usual)(share, facts)),
  },
  'aws-copilot': {
    stock: (facts) => copilot(1, facts),
    settings: (facts) => SHARES.map((share) => () => copilot(share, facts)),
  },
  'aws-step': {
    stock: (facts) => stepScaling({ ...facts, up: CDK_STEPS, down: CDK_DOWN, minutes: 5 }),
    settings: (facts) =>
      STEPS.flatMap((up) =>
        DOWNS.flatMap((down) => [1, 5].map((minutes) => () => stepScaling({ ...facts, up, down, minutes }))),
      ),
  },
  wpa: {
    stock: (facts) =>
      wpa({ ...facts, target: Math.max(1, Math.round(acceptable(facts))), secondsPerJob: facts.service }),
    settings: (facts) =>
      perWorker(facts).map(
        (target) => () => wpa({ ...facts, target, secondsPerJob: facts.service / facts.concurrency }),
      ),
  },
  lambda: {
    stock: (facts) => lambda({ ...facts, perWorker: Math.max(1, Math.round(acceptable(facts))) }),
    settings: (facts) => perWorker(facts).map((count) => () => lambda({ ...facts, perWorker: count })),
  },
  nomad: {
    stock: (facts) => nomad({ ...facts, target: 5 }),
    settings: (facts) => perWorker(facts).map((target) => () => nomad({ ...facts, target })),
  },
  threshold: {
    stock: (facts) => threshold({ ...facts, up: 5, down: 2, cooldown: 60 }),
    settings: (facts) =>
      [1, 2, 5].flatMap((up) =>
        [10, 30, 60].map((cooldown) => () => threshold({ ...facts, up, down: up * 0.4, cooldown })),
      ),
  },
};

export const PEER_NAMES = Object.keys(PEERS);
