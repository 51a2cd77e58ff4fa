import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { type Permission, policyDocument } from '../blueprint/policy-document.ts';

export interface TaskRoleArgs {
  description: string;
  permissions: pulumi.Input<Permission[]>;
  accountId: pulumi.Input<string>;
}

/** Makes a role that only ECS tasks of this account take on, with one inline policy made from a list of calls. */
export class TaskRole extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** The inline policy. A task must not start before it exists. */
  readonly policy: aws.iam.RolePolicy;

  constructor(name: string, args: TaskRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super('sluice:index:TaskRole', name, {}, opts);
    const parent = { parent: this };
    const role = new aws.iam.Role(
      name,
      {
        description: args.description,
        assumeRolePolicy: pulumi.output(args.accountId).apply((account) =>
          JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'ecs-tasks.amazonaws.com' },
                Action: 'sts:AssumeRole',
                // Against the confused deputy (ECS Developer Guide, "Task IAM role").
                Condition: { StringEquals: { 'aws:SourceAccount': account } },
              },
            ],
          }),
        ),
      },
      parent,
    );
    this.policy = new aws.iam.RolePolicy(
      name,
      { role: role.id, policy: pulumi.output(args.permissions).apply((list) => JSON.stringify(policyDocument(list))) },
      parent,
    );
    this.arn = role.arn;
    this.registerOutputs({ arn: role.arn });
  }
}
