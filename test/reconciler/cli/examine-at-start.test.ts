/** The examination after a start: one line a policy, nothing written, and the loop never hears of its errors. */
import assert from 'node:assert/strict';
import { suite } from 'uvu';
import type { Permission } from '../../../infra/aws/blueprint/permission.ts';
import { reconcilerPermissions, reconcilerRefusals } from '../../../infra/aws/blueprint/permissions/reconciler.ts';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { examineAtStart } from '../../../reconciler/cli/run/examine-at-start.ts';
import { Board } from '../../../reconciler/report/board.ts';
import { createLogger } from '../../../reconciler/report/log.ts';
import { completed } from '../../../reconciler/settings.ts';
import { ESTATE_SCOPE, HOME, startEstate } from '../../support/role.ts';

const estate = await startEstate();
const grants = reconcilerPermissions(ESTATE_SCOPE);
const settings = { ...completed({}, false), prefix: ESTATE_SCOPE.prefix };
const TEXT = `
apiVersion: sluice/v1
kind: WorkerPolicy
metadata: { name: jobs }
spec:
  queue: { name: jobs }
  service: { cluster: demo, name: workers }
  scaling:
    minWorkers: 0
    maxWorkers: 5
    strategies: [{ type: backlogPerWorker, target: 10 }]
`;

async function linesOf(granted: readonly Permission[], text = TEXT, endpoint = estate.cloud.url) {
  estate.grant(granted, reconcilerRefusals(ESTATE_SCOPE));
  const lines: string[] = [];
  const log = createLogger('info', { write: (line: string) => void lines.push(line) });
  const aws = createClients({ endpoint, region: HOME.region, buckets: new Map(), maxAttempts: 1 });
  const board = new Board();
  board.policies.set('jobs', { name: 'jobs', generation: 1, text });
  const { signal } = new AbortController();
  await examineAtStart({ aws, live: { board, polledAt: () => 1 }, settings, log, signal, pauseMs: 1 });
  aws.destroy();
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const test = suite('the examination at the start');

test('with every grant it logs one line, and writes nothing', async () => {
  const before = estate.calls.length;
  const [line, ...more] = await linesOf(grants);
  assert.deepEqual(
    [line?.level, line?.msg, line?.policy, more],
    ['info', 'examined', 'jobs', []],
    JSON.stringify(line),
  );
  const writes = estate.calls.slice(before).filter(({ action }) => /^(Put|Update|Set|Stop|Delete|Send)/.test(action));
  assert.deepEqual(writes, []);
});

test('a missing grant is a warning with a code, and names that call alone', async () => {
  const [line] = await linesOf(grants.filter(({ action }) => action !== 'ecs:ListTasks'));
  assert.deepEqual(
    [line?.level, line?.msg, line?.code, line?.calls],
    ['warn', 'examination found problems', 'Examined.denied', ['ecs:ListTasks: denied']],
  );
});

test('an AWS that cannot be reached is told, and so is an error of its own; neither is thrown', async () => {
  const [line] = await linesOf(grants, TEXT, 'http://127.0.0.1:9');
  assert.equal(line?.code, 'Examined.unreachable');
  const [failed] = await linesOf(grants, 'not: a policy');
  assert.deepEqual([failed?.msg, failed?.code], ['examination failed', 'ExaminationFailed']);
});

test('it ends with the process, also while it still waits for policies', async () => {
  const end = new AbortController();
  const lines: string[] = [];
  const log = createLogger('info', { write: (line: string) => void lines.push(line) });
  const aws = createClients({ endpoint: estate.cloud.url, region: HOME.region });
  const live = { board: new Board(), polledAt: () => undefined };
  const examined = examineAtStart({ aws, live, settings, log, signal: end.signal, pauseMs: 1 });
  end.abort();
  await examined;
  aws.destroy();
  assert.deepEqual(lines, []);
});

test.after(() => estate.close());
test.run();
