/** The speed of single parts, printed and not judged: npm run bench:parts. */
import { fewestWorkers } from '../../policies/scaling/estimate/erlang.ts';
import { harness } from '../infra/local/support.ts';

/** Milliseconds that one sizing of a fleet of 5,000 workers takes, as the median of 21. */
function sizing(): number {
  const times = Array.from({ length: 21 }, () => {
    const started = performance.now();
    fewestWorkers({ load: 40_000, slots: 10, service: 10 }, 60, [0.3, 0.9], 5_000);
    return performance.now() - started;
  });
  return times.sort((a, b) => a - b)[10]!;
}

/** Looks at the counters, and cycles of send, receive and delete, a second, over a backlog of 100,000 messages. */
async function queue(): Promise<{ looks: number; cycles: number }> {
  const h = harness();
  const QueueUrl = await h.queue('q');
  const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `${i}`, MessageBody: 'x' }));
  for (let i = 0; i < 10_000; i++) await h.call('SendMessageBatch', { QueueUrl, Entries });
  const rate = async (times: number, act: () => Promise<unknown>): Promise<number> => {
    const started = performance.now();
    for (let i = 0; i < times; i++) await act();
    return (times / (performance.now() - started)) * 1_000;
  };
  return {
    looks: await rate(1_000, () => h.counts(QueueUrl)),
    cycles: await rate(4_000, async () => {
      await h.call('SendMessage', { QueueUrl, MessageBody: 'x' });
      const { Messages } = await h.call('ReceiveMessage', { QueueUrl });
      await h.call('DeleteMessage', { QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle });
    }),
  };
}

const { looks, cycles } = await queue();
console.log(`sizing a fleet of 5,000 workers: ${sizing().toFixed(2)} ms`);
console.log(`embedded SQS over 100,000 messages: ${Math.round(looks)} looks at the counters a second`);
console.log(`embedded SQS over 100,000 messages: ${Math.round(cycles)} cycles of send, receive and delete a second`);
