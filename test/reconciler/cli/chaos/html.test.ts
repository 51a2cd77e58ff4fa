/** The HTML report of experiments: hypothesis, scaling steps, axes, legend; nothing loaded, nothing unescaped. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Run } from '../../../../policies/model/run.ts';
import { expectations, scalingSteps } from '../../../../reconciler/cli/chaos/expectations.ts';
import { reportHtml } from '../../../../reconciler/cli/chaos/html.ts';

const RUN: Run = {
  ...{ id: 'r1', experiment: 'empty', fault: 'drain', trigger: 'request', summary: 'drain 4 workers', phase: 'ended' },
  ...{ spec: 1, injection: {}, startedAt: 0, deadline: 60_000, injectedAt: 1_000, endedAt: 40_000, verdict: 'failed' },
  ...{ recoveredAt: 52_000, because: '<b>late</b>', left: { workers: 2, protected: 1, after: 30_000 } },
  hypothesis: { recoversWithin: 10_000, maxVisible: 8, maxOldestAge: 30_000 },
  before: { visible: 0, desired: 4 },
  peak: { visible: 8, age: 31 },
  samples: [
    [0, 0, 4, 4],
    [2, 1, 4, 0],
    [20, 8, 2, 0],
    [42, 8, 2, 6],
    [52, 0, 6, 6],
  ],
};

type Change = Omit<Partial<Run>, 'recoveredAt'> & { recoveredAt?: number | 'none' };

/** Rows: what differs from RUN; whether each part of the hypothesis held, undefined where nothing was measured. */
const HELD: [name: string, change: Change, held: (boolean | undefined)[]][] = [
  ['late, in bounds, too old', {}, [false, true, false]],
  ['at the limit of each', { recoveredAt: 50_000, peak: { visible: 8, age: 30 } }, [true, true, true]],
  ['one message too many, no age read', { peak: { visible: 9 } }, [false, false, undefined]],
  ['aborted before it recovered', { recoveredAt: 'none', verdict: 'aborted' }, [undefined, true, false]],
  ['never recovered', { recoveredAt: 'none' }, [false, true, false]],
  ['only a time is expected', { hypothesis: { recoversWithin: 12_000 } }, [true]],
];

function changed({ recoveredAt = RUN.recoveredAt, ...change }: Change): Run {
  const { recoveredAt: _, ...run } = { ...RUN, ...change };
  return typeof recoveredAt === 'number' ? { ...run, recoveredAt } : run;
}

for (const [name, change, held] of HELD)
  test(`hypothesis: ${name}`, () => {
    assert.deepEqual(
      expectations(changed(change)).map((e) => e.held),
      held,
    );
  });

test('scaling steps are the changes of the desired count', () => {
  assert.deepEqual(scalingSteps(RUN), [
    { at: 2, from: 4, to: 0 },
    { at: 42, from: 0, to: 6 },
  ]);
  const { samples: _, ...old } = RUN;
  assert.deepEqual(scalingSteps(old), []);
});

test('the page has legend, axes, hypothesis and steps, loads nothing, and escapes what it was given', () => {
  const page = reportHtml([{ policy: '<i>jobs</i>', run: RUN }]);
  for (const text of [
    'visible messages (left axis)',
    'desired workers (right axis)',
    'seconds since the start of the run',
    'at most 8 messages (hypothesis)',
    '<td>recovered within 10s</td><td>recovered in 12s</td><td class="broken">no</td>',
    '+42 s: 0 → 6 desired',
    '2 workers were still running after 30s, 1 of them protected',
  ])
    assert.ok(page.includes(text), text);
  assert.ok(!/<b>|<i>|(?:src|href)=|https?:/.test(page));
});

test('a run whose chart is no longer kept says so, and so does a page without runs', () => {
  const { samples: _, ...old } = RUN;
  assert.match(reportHtml([{ policy: 'jobs', run: old }]), /No chart: the status keeps only that of the newest run/);
  assert.match(reportHtml([]), /No experiment has run yet/);
});

test.run();
