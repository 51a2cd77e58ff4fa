/** Decisions of the first edition, made again: other files, other names, other sentences, and no other number. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import { diff } from '../../policies/diff.ts';
import type { Decision } from '../../policies/model/decision.ts';
import { decideAgain, KnownPolicies } from '../../policies/replay.ts';
import { decisionOf, parseRecord } from '../../reconciler/text/log-record.ts';

const LEAST_DECISIONS: Record<string, number> = { tour: 301, partition: 102, drain: 91, mixed: 173 };

/** A decision without its sentences: the codes, counts and writes that programs act on. */
function essence(decision: Decision): object {
  const { current, desired, outcome, mode, proposals, guards, alerts, chaos, observation } = decision;
  return JSON.parse(
    JSON.stringify({
      current,
      desired,
      outcome,
      mode,
      proposals: proposals.map(({ strategy, desired, abstained }) => ({ strategy, desired, abstained })),
      guards: guards.map(({ guard, from, to }) => ({ guard, from, to })),
      alerts: alerts.map(({ name, firing, since }) => ({ name, firing, since })),
      actions: diff(decision, observation),
      chaos: chaos && {
        holds: chaos.holds !== undefined,
        started: chaos.started.map(({ id }) => id),
        running: chaos.running.map(timesOf),
        ended: chaos.ended.map(timesOf),
        answers: chaos.answers.map(({ id, accepted, run, until }) => ({ id, accepted, run, until })),
        skipped: chaos.skipped.map(({ experiment, at, precondition }) => ({ experiment, at, precondition })),
        aborted: chaos.startAborted !== undefined,
      },
    }),
  );
}

type Run = NonNullable<Decision['chaos']>['running'][number];

/** The measurements of a run. */
function timesOf(run: Run): object {
  const { id, experiment, fault, phase, verdict, spec, before, peak, hypothesis, samples, failures, stopped } = run;
  const { startedAt, deadline, injectedAt, activeAt, effectSeenAt, endedAt, removedAt, revertedAt, recoveredAt } = run;
  const times = {
    startedAt,
    deadline,
    injectedAt,
    activeAt,
    effectSeenAt,
    endedAt,
    removedAt,
    revertedAt,
    recoveredAt,
  };
  return {
    id,
    experiment,
    fault,
    phase,
    verdict,
    spec,
    before,
    peak,
    hypothesis,
    samples,
    failures,
    stopped,
    ...times,
  };
}

for (const [scenario, least] of Object.entries(LEAST_DECISIONS))
  test(`${scenario}: every decision of the first edition comes out the same`, () => {
    const file = new URL(`../fixtures/golden/${scenario}.log.gz`, import.meta.url);
    const known = new KnownPolicies();
    let decisions = 0;
    for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
      const record = parseRecord(line);
      assert.ok(record?.policy !== undefined && record.version !== undefined, line.slice(0, 200));
      if (record.text) known.learn(record.policy, record.version, record.text);
      const decision = decisionOf(record);
      if (!decision || !record.memory) continue;
      const policy = known.find(record.policy, record.version);
      assert.ok(policy, `version ${record.version} of the policy is not in the fixture, or no longer valid`);
      const again = decideAgain({ decision, memory: record.memory }, policy);
      assert.deepEqual(essence(again), essence(decision), `the decision of ${record.time}`);
      decisions++;
    }
    assert.ok(decisions >= least, `${decisions} decisions were made again`);
  });

test.run();
