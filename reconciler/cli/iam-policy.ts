import { type Home, SOMEWHERE, settle } from '../../infra/aws/blueprint/arns.ts';
import { pathsOf } from '../../infra/aws/blueprint/names.ts';
import { reconcilerPermissions, reconcilerRefusals } from '../../infra/aws/blueprint/permissions/reconciler.ts';
import { scopeFrom } from '../../infra/aws/blueprint/reach.ts';
import { rolePolicies } from '../../infra/aws/blueprint/role-policies.ts';
import { table } from '../text/table.ts';
import { json, note, out } from '../text/terminal.ts';
import { UsageError } from '../text/user-error.ts';
import type { Configure } from './command.ts';
import { type ReachOptions, reachOf, withReach } from './reach-options.ts';

interface IamPolicyOptions extends ReachOptions {
  account?: string;
  region?: string;
  root: string;
  wakeQueue: string;
  leaseTable?: string;
  explain?: boolean;
}

export const configure: Configure = (command, exit) =>
  withReach(command)
    .option('--account <id>', 'the AWS account, twelve digits')
    .option('--region <region>', 'the AWS region (default: AWS_REGION)')
    .option('--root <path>', 'the path below which policies/, status/, requests/ and flags/ are', '/sluice/')
    .option('--wake-queue <name>', 'the queue of change events', 'sluice-changes')
    .option('--lease-table <name>', 'the DynamoDB table by which one reconciler of several leads (default: none)')
    .option('--explain', 'print a table of the grants instead: what each one is for, and what breaks without it')
    .action((options: IamPolicyOptions) => exit(iamPolicy(options)));

/** Prints the policy of the reconciler's role; as a list when IAM needs more than one managed policy for it. */
function iamPolicy(options: IamPolicyOptions): number {
  const { root: path, wakeQueue, leaseTable, explain } = options;
  if (!/^\/([\w.-]+\/)+$/.test(path))
    throw new UsageError(`--root ${path}: must start and end in a slash`, 'for example /sluice/prod/');
  if (leaseTable !== undefined && !/^[\w.-]{3,255}$/.test(leaseTable))
    throw new UsageError(`--lease-table ${leaseTable}: not the name of a DynamoDB table`, 'for example sluice-leases');
  const reach = reachOf(options);
  const home = homeOf(options);
  const where = { paths: pathsOf(path), wakeQueue, leaseTable };
  if (explain) {
    const rows = reconcilerPermissions(scopeFrom(reach, { ...where, home })).map((p) => [
      p.action,
      p.feature,
      p.resources.map((arn) => arn.split(':').slice(5).join(':') || arn).join(' '),
      `without it: ${p.without}`,
    ]);
    out(table(rows));
    return 0;
  }
  const scope = scopeFrom(reach, { ...where, home: SOMEWHERE });
  const { documents } = rolePolicies(reconcilerPermissions(scope), reconcilerRefusals(scope));
  const settled = documents.map((document): unknown => JSON.parse(settle(document, home)));
  if (settled.length > 1)
    note(`IAM needs ${settled.length} managed policies for these grants; they follow as a list of documents`);
  json(settled.length === 1 ? settled[0] : settled);
  return 0;
}

function homeOf({ account, region = process.env.AWS_REGION }: IamPolicyOptions): Home {
  if (account === undefined || !/^\d{12}$/.test(account))
    throw new UsageError(
      '--account: name the AWS account, twelve digits',
      'aws sts get-caller-identity --query Account --output text prints it',
    );
  if (region === undefined || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
    throw new UsageError('--region: name the AWS region', 'for example --region eu-west-1');
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return { partition, region, accountId: account };
}
