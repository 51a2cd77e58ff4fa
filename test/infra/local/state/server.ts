/** An embedded AWS in a process of its own, for tests that kill it. Prints its URL. Arguments: state folder, key, secret. */
import { createCloudWatch } from '../../../../infra/local/cloudwatch/index.ts';
import { createEcs } from '../../../../infra/local/ecs/index.ts';
import { startLocalAws } from '../../../../infra/local/index.ts';

const [stateDir = '', accessKeyId = '', secretAccessKey = ''] = process.argv.slice(2);
const aws = await startLocalAws({
  port: 0,
  stateDir,
  rootKey: { accessKeyId, secretAccessKey },
  // No task gets to run: its start-up takes longer than a run.
  services: [(context) => createEcs(context, { startUpMs: 3_600_000 }), createCloudWatch],
});
process.stdout.write(`${aws.url}\n`);
