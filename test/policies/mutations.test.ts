/** Stored state and looks, each with one part damaged, 5,000 times: nothing throws, nothing scales in, no good part is lost. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { formatRequests, parseRequests } from '../../policies/chaos/requests.ts';
import { decide } from '../../policies/decide.ts';
import { diff } from '../../policies/diff.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Memory } from '../../policies/model/memory.ts';
import type { Observation } from '../../policies/model/observation.ts';
import { memoryFrom, parseStatus } from '../../policies/restore.ts';
import { type StatusDocument, statusOf } from '../../policies/status.ts';
import { chaosPolicy, experiment, Lab } from '../support/chaos-run.ts';
import { mutated, mutationOf } from '../support/mutate.ts';
import { look, memoryOf, policyOf, T0 } from '../support/policy.ts';

const FAULTS = [
  { type: 'stopTask', count: 2 },
  { type: 'drain', hold: '60s' },
  { type: 'partition', duration: '60s' },
  { type: 'partition', method: 'securityGroup', securityGroups: ['sg-cut'], duration: '60s' },
  { type: 'partition', method: 'processingFlag', parameter: '/f', duration: '60s' },
];

/** A status with a running experiment, an ended one, an answer, and a cooldown. */
function statusWith(fault: object): StatusDocument {
  const it = new Lab();
  it.start(chaosPolicy(experiment(fault)));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(14);
  it.ask({ id: 's1', action: 'stop' });
  it.pass(60);
  it.ask({ id: 'r2', experiment: 'x' });
  it.pass(14);
  return JSON.parse(it.aws.status ?? '') as StatusDocument;
}

const LEARNING = policyOf(
  {
    minWorkers: 0,
    maxWorkers: 100,
    strategies: [{ type: 'targetWait' }, { type: 'backlogPerWorker', target: 5 }],
    scaleDown: { cooldown: '10m', stabilizationWindow: '5m' },
  },
  { chaos: { enabled: true } },
);

/** A status of a busy hour, with everything that was learned. */
function learnedStatus(): StatusDocument {
  let memory: Memory = memoryOf({ lastScaleDown: { at: T0, from: 10, to: 9 } });
  let at = T0;
  for (let i = 0; i < 40; i++, at += 10_000)
    ({ memory } = decide(LEARNING, look({ at, visible: (i * 7) % 40, inFlight: 5, workers: 9 }), memory, at));
  return statusOf({ generation: 1, memory, now: at });
}

const AT_RESTART = T0 + 430_000;

const CASES: [name: string, status: StatusDocument, policy: WorkerPolicy, seen: Observation][] = [
  ...FAULTS.map((fault): (typeof CASES)[number] => {
    const { method = fault.type } = fault as { method?: string };
    return [
      method,
      statusWith(fault),
      chaosPolicy(experiment(fault)),
      look({ at: AT_RESTART, visible: 38, workers: 4 }),
    ];
  }),
  ['learned', learnedStatus(), LEARNING, look({ at: AT_RESTART, visible: 0, workers: 9 })],
];

for (const [name, status, policy, seen] of CASES)
  test(`status (${name}): one damaged part is dropped with a warning, and the rest is used`, () => {
    const whole = parseStatus(JSON.stringify(status), assert.fail);
    assert.ok(whole);
    const before = decide(policy, seen, memoryFrom(whole), seen.at).decision;
    fc.assert(
      fc.property(mutationOf(status), (mutation) => {
        const parsed = parseStatus(JSON.stringify(mutated(status, mutation)));
        assert.ok(parsed);
        const { decision, memory } = decide(policy, seen, memoryFrom(parsed), seen.at);
        assert.equal(decision.chaos?.failed, undefined);
        assert.doesNotThrow(() => statusOf({ generation: 1, decision, memory, now: seen.at }));
        if (!before.chaos?.holds)
          assert.ok(decision.desired! >= Math.min(before.desired!, before.current!), decision.summary);
        const [top, item] = mutation.path;
        if (top === undefined) return;
        for (const key of Object.keys(status) as (keyof StatusDocument)[])
          if (key !== top) assert.deepEqual(parsed[key], whole[key], key);
        for (const list of ['experiments', 'conditions'] as const)
          if (top === list && typeof item === 'number')
            for (const [i, other] of whole[list].entries())
              if (i !== item) assert.ok(parsed[list].some((kept) => JSON.stringify(kept) === JSON.stringify(other)));
      }),
      { numRuns: 550 },
    );
  });

test('a run keeps its revert whatever else of it is damaged', () => {
  for (const fault of FAULTS.slice(1)) {
    const status = statusWith(fault);
    const running = status.experiments.findIndex((run) => run.phase !== 'ended');
    const identity = ['id', 'experiment', 'fault', 'phase', 'startedAt', 'inverse'];
    fc.assert(
      fc.property(mutationOf(status.experiments[running]), (mutation) => {
        if (mutation.path.length === 0 || identity.includes(String(mutation.path[0]))) return;
        const run = mutated(status.experiments[running], mutation);
        const text = JSON.stringify({ ...status, experiments: [run] });
        const [back] = memoryFrom(parseStatus(text)).chaos?.runs ?? [];
        assert.ok((back?.inverse?.length ?? 0) > 0, JSON.stringify(mutation));
        assert.ok(back?.inverse?.every((write) => write.purpose === 'revert' && write.run === back.id));
      }),
      { numRuns: 100 },
    );
  }
});

test('requests: a damaged one is left out with a problem, the others are heard', () => {
  const stored = JSON.parse(
    formatRequests([
      { id: 'a', action: 'run', experiment: 'x', expiresAt: T0, by: 'me' },
      { id: 'b', action: 'stop', expiresAt: T0 },
    ]),
  ) as { requests: object[] };
  fc.assert(
    fc.property(mutationOf(stored), (mutation) => {
      const { requests } = parseRequests(JSON.stringify(mutated(stored, mutation)));
      const [top, item] = mutation.path;
      if (top === 'requests' && item === 0) assert.ok(requests.some((r) => r.id === 'b'));
      if (top === 'requests' && item === 1) assert.ok(requests.some((r) => r.id === 'a'));
    }),
    { numRuns: 550 },
  );
});

const odd = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  -0.5,
  1.5,
  1e17,
  '3',
  '',
  null,
  undefined,
  true,
  {},
);

test('a look with a number that is no count never scales in, and a decision never holds one', () => {
  const field = fc.constantFrom('visible', 'inFlight', 'delayed', 'desired', 'running', 'pending');
  const policies = fc.constantFrom(
    LEARNING,
    policyOf({ minWorkers: 0 }),
    policyOf({ minWorkers: 0, strategies: [{ type: 'step', bands: [{ from: 0, change: '-50%' }] }] }),
  );
  fc.assert(
    fc.property(policies, field, odd, fc.nat(30), (policy, key, value, workers) => {
      const seen = look({ visible: 1, inFlight: 1, workers });
      for (const reading of [seen.queue, seen.service])
        if (reading.ok && key in reading.value) Object.assign(reading.value, { [key]: value });
      const { decision } = decide(policy, seen, memoryOf(), T0);
      const actions = diff(decision, seen);
      for (const action of actions)
        assert.ok(action.kind === 'UpdateService' && action.desiredCount >= workers, decision.summary);
      const counts = [
        decision.desired,
        ...decision.proposals.map((p) => p.desired),
        ...decision.guards.map((g) => g.to),
      ];
      for (const count of counts) assert.ok(count === undefined || (Number.isSafeInteger(count) && count >= 0));
    }),
    { numRuns: 1_000 },
  );
});

test('an absurd number of messages in flight is not learned as what one worker handles', () => {
  let memory = memoryOf();
  for (let i = 0; i < 3; i++)
    ({ memory } = decide(LEARNING, look({ at: T0 + i * 10_000, inFlight: 1e12, workers: 1 }), memory, T0 + i * 10_000));
  assert.ok(memory.estimate!.concurrency <= 10_000, 'or sizing the fleet would never end');
});

test.run();
