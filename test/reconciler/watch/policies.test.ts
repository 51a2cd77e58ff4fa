/** Policies from SSM: a bad edit, a failed or half listing, and a deletion. */
import assert from 'node:assert/strict';
import { Subject } from 'rxjs';
import { suite } from 'uvu';
import type { Failure } from '../../../policies/model/observation.ts';
import type { Listing, StoredParameter } from '../../../reconciler/aws/parameters.ts';
import { type WatchEvent, watchPolicies } from '../../../reconciler/watch/policies.ts';

const test = suite('watch policies');

const documentOf = (name: string, chaos?: object): string =>
  JSON.stringify({
    apiVersion: 'sluice/v1',
    kind: 'WorkerPolicy',
    metadata: { name },
    spec: {
      queue: { name: 'jobs' },
      service: { cluster: 'demo', name: 'jobs' },
      scaling: { minWorkers: 1, maxWorkers: 2, strategies: [{ type: 'threshold' }] },
      ...(chaos ? { chaos } : {}),
    },
  });

/** A store whose listing and whose answers by name are set by hand; each `look` is one poll. */
function harness() {
  const stored = new Map<string, StoredParameter>();
  const unreadable: Listing['unreadable'] = [];
  const state = { leftOut: new Set<string>(), listFails: false, findFails: false };
  const put = (name: string, chaos?: object): void => {
    const version = (stored.get(name)?.version ?? 0) + 1;
    stored.set(name, { name, text: documentOf(name, chaos), version, type: 'String', modified: version });
  };
  const unless = (fails: boolean): void => {
    if (fails) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  };
  const events: WatchEvent[] = [];
  const wake$ = new Subject<void>();
  const watch = watchPolicies({
    policies: {
      prefix: '/p/',
      list: async () => {
        unless(state.listFails);
        const hidden = new Set(unreadable.map(({ name }) => name));
        const parameters = [...stored.values()].filter(({ name }) => !state.leftOut.has(name) && !hidden.has(name));
        return { parameters, unreadable };
      },
      find: async (name) => {
        unless(state.findFails);
        return stored.get(name);
      },
    },
    pollInterval: 3_600_000,
    wake$,
    lastGood: async () => 0,
    reserved: ['/p/', '/elsewhere/status/'],
  }).subscribe((event) => void events.push(event));
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    stored,
    unreadable,
    state,
    put,
    /** Settles when the first look, at nothing, is over. */
    started: new Promise((resolve) => setTimeout(resolve)).then(settled),
    look: async (): Promise<string[]> => {
      events.length = 0;
      wake$.next();
      for (let i = 0; i < 5; i++) await settled();
      return events
        .filter((e) => e.kind !== 'change' || e.change.kind !== 'claimed')
        .map((e) =>
          e.kind === 'change' ? `${e.change.kind} ${e.change.name}` : e.kind === 'failed' ? e.failure.message : e.kind,
        );
    },
    end: () => watch.unsubscribe(),
  };
}

function looking(name: string, body: (it: ReturnType<typeof harness>) => Promise<void>): void {
  test(name, async () => {
    const it = harness();
    try {
      await it.started;
      await body(it);
    } finally {
      it.end();
    }
  });
}

looking('a policy that SSM does not know by name either was deleted', async ({ put, look, stored }) => {
  put('a');
  put('b');
  assert.deepEqual(await look(), ['applied a', 'applied b', 'polled']);
  stored.delete('a');
  assert.deepEqual(await look(), ['deleted a', 'polled']);
  assert.deepEqual(await look(), ['polled']);
});

looking('a listing that leaves out what is there is a failed one; its changes count', async ({ put, look, state }) => {
  put('a');
  put('b');
  await look();
  state.leftOut.add('a');
  put('b');
  assert.deepEqual(await look(), ['applied b', 'ssm:GetParametersByPath: the listing leaves out /p/a, which is there']);
  state.leftOut.clear();
  assert.deepEqual(await look(), ['polled']);
});

looking('when SSM cannot be asked by name, two listings in a row must agree', async ({ put, look, state }) => {
  put('a');
  await look();
  state.leftOut.add('a');
  state.findFails = true;
  assert.deepEqual(await look(), ['polled']);
  state.leftOut.clear();
  assert.deepEqual(await look(), ['polled']);
  state.leftOut.add('a');
  assert.deepEqual(await look(), ['polled']);
  assert.deepEqual(await look(), ['deleted a', 'polled']);
});

looking('a failed listing changes nothing', async ({ put, look, state }) => {
  put('a');
  await look();
  state.listFails = true;
  assert.deepEqual(await look(), ['ssm:GetParametersByPath: Rate exceeded']);
  state.listFails = false;
  assert.deepEqual(await look(), ['polled']);
});

looking('no fault may write the parameters of Sluice, wherever its settings put them', async ({ put, look }) => {
  const cut = (parameter: string) => ({
    enabled: true,
    experiments: [{ name: 'cut', fault: { type: 'partition', method: 'processingFlag', parameter, duration: '30s' } }],
  });
  put('a', cut('/elsewhere/status/a'));
  put('b', cut('/p/b'));
  put('c', cut('/workers/flag'));
  assert.deepEqual((await look()).sort(), ['applied c', 'polled', 'refused a', 'refused b']);
});

looking('a policy that cannot be decrypted is refused alone, and taken again once it can', async (it) => {
  it.put('a');
  it.put('b');
  await it.look();
  const failure: Failure = { class: 'needsUser', code: 'AccessDeniedException', message: 'kms:Decrypt is not allowed' };
  it.unreadable.push({ name: 'a', version: 2, modified: 2, failure });
  it.put('b');
  assert.deepEqual(await it.look(), ['applied b', 'refused a', 'polled']);
  assert.deepEqual(await it.look(), ['polled']);
  it.unreadable.length = 0;
  assert.deepEqual(await it.look(), ['applied a', 'polled']);
});

test.run();
