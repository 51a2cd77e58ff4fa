/** The load: as many jobs as its profile says, numbered without gaps, none lost when the queue refuses some. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { type Job, Load } from '../../examples/load/load.ts';
import { rateAt } from '../../examples/load/profile.ts';
import { serviceTime } from '../../examples/load/service-time.ts';
import { random } from '../../policies/grammar/random.ts';

test('a profile: phases, ramps, repetition, and the last rate for ever', () => {
  const phases = [
    { for: 10, rate: 1 },
    { for: 10, rate: [1, 3] as [number, number] },
  ];
  const at = (repeat: boolean) => [0, 9.9, 15, 20, 35].map((t) => rateAt({ phases, repeat }, t));
  assert.deepEqual(at(false), [1, 1, 2, 3, 3]);
  assert.deepEqual(at(true), [1, 1, 2, 1, 2]);
});

test('a mix of service times has the weights, ranges and mean that it states', () => {
  const sample = serviceTime('0.8:20s+-10s,0.2:5m+-2m', random(7));
  const times = Array.from({ length: 20_000 }, sample);
  const slow = times.filter((t) => t > 100);
  assert.ok(Math.abs(slow.length / times.length - 0.2) < 0.01, `${slow.length} slow jobs`);
  assert.ok(Math.min(...slow) >= 180 && Math.max(...slow) <= 420, 'slow jobs take 5 ± 2 min');
  assert.ok(Math.abs(times.reduce((a, b) => a + b) / times.length - 76) < 2, 'the mean is 76 s');
  assert.equal(serviceTime('500ms', random(1))(), 0.5);
});

for (const [spec, problem] of [
  ['20', /"20" is not a time such as 20s/],
  ['20s+-x', /"x" is not a time/],
  ['0:20s', /"0" is not a weight above 0/],
  ['', /is not a time/],
] as const)
  test(`service time ${JSON.stringify(spec)} is refused`, () =>
    assert.throws(() => serviceTime(spec, random(1)), problem));

test('jobs are numbered without gaps, and those that the queue refused are sent again', async () => {
  let now = 0;
  let call = 0;
  const taken: Job[] = [];
  const problems: string[] = [];
  const load = new Load({
    run: 'r1',
    profile: { phases: [{ for: 1, rate: 25 }], repeat: true },
    serviceTime: () => 0.1,
    now: () => now,
    onProblem: (message) => problems.push(message),
    send: async (jobs) => {
      assert.ok(jobs.length <= 10, 'SQS takes ten in a batch');
      call++;
      if (call % 5 === 0) throw new Error('reset');
      const refused = jobs.filter((job) => job.id % 7 === call % 7);
      taken.push(...jobs.filter((job) => !refused.includes(job)));
      return refused;
    },
  });
  for (now = 0; now <= 20_000; now += 100) await load.tick();
  // Half a job more than 500, so that rounding does not matter.
  now = 20_020;
  await load.tick();
  await load.finish();
  assert.equal(load.waiting, 0);
  assert.equal(load.sent.size, taken.length);
  assert.deepEqual(
    taken.map((job) => job.id).sort((a, b) => a - b),
    Array.from({ length: 500 }, (_, i) => i + 1),
  );
  assert.ok(problems.includes('reset'), 'failed calls are told');
});

test.run();
