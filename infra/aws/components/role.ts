import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { RolePolicies } from '../blueprint/role-policies.ts';
import { tasksOnly } from '../blueprint/trust.ts';

/** Settings of an account that every role of the stack follows. */
export interface RoleSettings {
  /** `/`, or a path such as `/platform/sluice/`. */
  rolePath: string;
  /** The ARN of a policy that bounds the role, where an account demands one. */
  permissionsBoundary?: string | undefined;
}

export interface TaskRoleArgs extends RoleSettings {
  description: string;
  policies: RolePolicies;
  /** Turns a document of the blueprint into one of this account. */
  settle: (document: string) => pulumi.Output<string>;
  accountId: pulumi.Input<string>;
}

/** Makes a role that only ECS tasks of this account take on, with policies made from a list of calls. */
export class TaskRole extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** The role's policies in force. A task must not start before they exist. */
  readonly granted: pulumi.Resource[];

  constructor(name: string, args: TaskRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super('sluice:index:TaskRole', name, {}, opts);
    const parent = { parent: this };
    const { rolePath: path, permissionsBoundary, policies } = args;
    const role = new aws.iam.Role(
      name,
      {
        description: args.description,
        path,
        ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
        assumeRolePolicy: pulumi.output(args.accountId).apply((account) => JSON.stringify(tasksOnly(account))),
      },
      parent,
    );
    const documents = policies.documents.map((document) => args.settle(document));
    this.granted =
      policies.kind === 'inline'
        ? documents.map((policy) => new aws.iam.RolePolicy(name, { role: role.id, policy }, parent))
        : documents.map((policy, i) => {
            const part = `${name}-${i + 1}`;
            const made = new aws.iam.Policy(part, { path, description: args.description, policy }, parent);
            return new aws.iam.RolePolicyAttachment(part, { role: role.id, policyArn: made.arn }, parent);
          });
    this.arn = role.arn;
    this.registerOutputs({ arn: role.arn });
  }
}
