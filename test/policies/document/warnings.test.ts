import assert from 'node:assert/strict';
import { test } from 'uvu';
import { warningsOn } from '../../../policies/document/warnings.ts';
import { policyOf } from '../../support/policy.ts';

const partition = (duration: string, method = 'queuePolicy') =>
  policyOf(
    {},
    {
      chaos: {
        experiments: [
          {
            name: 'cut',
            fault:
              method === 'queuePolicy'
                ? { type: 'partition', duration }
                : { type: 'partition', duration, method: 'processingFlag', parameter: '/f' },
          },
        ],
      },
    },
  );

test('a partition that AWS can hardly spread in time deserves a word, and only that', () => {
  assert.match(
    warningsOn(partition('30s'))[0] ?? '',
    /experiment cut lasts 30s; use 2m or longer: on AWS a queue policy takes up to 60 s/,
  );
  assert.deepEqual(warningsOn(partition('2m')), []);
  assert.deepEqual(warningsOn(partition('30s', 'processingFlag')), []);
});

test('an alert on an age that CloudWatch cannot tell in time', () => {
  const alert = (above: string, holds: string) =>
    policyOf({}, { alerts: [{ name: 'old', metric: 'oldestAge', above, for: holds }] });
  assert.match(warningsOn(alert('20s', '10s'))[0] ?? '', /alert old fires on estimates/);
  assert.deepEqual(warningsOn(alert('20s', '1m')), []);
  assert.deepEqual(warningsOn(alert('5m', '0s')), []);
});

test('bands that never wake a service at zero are told; others, and other strategies beside them, are not', () => {
  const bands = (from: number, change: number, minWorkers = 0, beside: { type: 'threshold' }[] = []) =>
    warningsOn(policyOf({ minWorkers, strategies: [{ type: 'step', bands: [{ from, change }] }, ...beside] }));
  assert.match(bands(10, 1)[0] ?? '', /no band that adds a worker for 1 message/);
  assert.deepEqual(bands(1, 1), []);
  assert.deepEqual(bands(10, 1, 1), []);
  assert.deepEqual(bands(10, 1, 0, [{ type: 'threshold' }]), []);
});

test.run();
