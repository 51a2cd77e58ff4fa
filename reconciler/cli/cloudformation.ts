import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { type Template, templateOf } from '../../infra/aws/cloudformation/template.ts';
import { escapeTerminal } from '../text/escape-terminal.ts';
import { note } from '../text/terminal.ts';
import { UserError } from '../text/user-error.ts';
import type { Configure } from './command.ts';
import { type ReachOptions, reachOf, withReach } from './reach-options.ts';

interface CloudFormationOptions extends ReachOptions {
  output?: string;
}

export const configure: Configure = (command, exit) =>
  withReach(command)
    .option('--output <file>', 'write the template there, as JSON if the name ends in .json (default: YAML on stdout)')
    .action((options: CloudFormationOptions) => exit(cloudFormation(options)));

/** Prints the template, or writes it and prints the command that makes the stack. */
function cloudFormation({ output, ...options }: CloudFormationOptions): number {
  const template = templateOf(reachOf(options));
  if (output === undefined) {
    process.stdout.write(asText(template, 'stdout'));
    return 0;
  }
  try {
    writeFileSync(output, asText(template, output));
  } catch (error) {
    throw new UserError(`${output} cannot be written: ${(error as Error).message}`);
  }
  note(`wrote ${escapeTerminal(output)}; make the stack:`);
  note(
    [
      '  aws cloudformation deploy --stack-name sluice --capabilities CAPABILITY_IAM',
      `    --template-file ${escapeTerminal(output)} --parameter-overrides Image=REPOSITORY:TAG Cluster=CLUSTER`,
      '    VpcId=vpc-... SubnetIds=subnet-...,subnet-... RepositoryArn=arn:aws:ecr:...',
    ].join(' \\\n'),
  );
  return 0;
}

/** YAML 1.1, which CloudFormation reads: it would take an unquoted 2012-10-17 for a date. */
const asText = (template: Template, name: string): string =>
  name.endsWith('.json')
    ? `${JSON.stringify(template, null, 2)}\n`
    : stringify(template, { lineWidth: 0, version: '1.1' });
