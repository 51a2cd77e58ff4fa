/** The two roles of the stack, from the same lists as the Pulumi program's. */
import { SOMEWHERE } from '../blueprint/arns.ts';
import type { Permission, Refusal } from '../blueprint/permission.ts';
import { executionPermissions } from '../blueprint/permissions/tasks.ts';
import { documentOf, policyDocument } from '../blueprint/policy-document.ts';
import { rolePolicies } from '../blueprint/role-policies.ts';
import { tasksOnly } from '../blueprint/trust.ts';
import { asNamed, atItsLongest, LOG_GROUP } from './names.ts';
import { ref, substitute, type Value, when } from './substitute.ts';

export interface Roles {
  resources: Record<string, Value>;
  /** Logical names of what a service must wait for. */
  granted: string[];
}

/** Returns the role of the reconciler, with managed policies where an inline one cannot hold its grants. */
export function taskRole(permissions: readonly Permission[], refusals: readonly Refusal[]): Roles {
  const longest = JSON.parse(atItsLongest(JSON.stringify(permissions))) as Permission[];
  const { kind, documents } = rolePolicies(longest, refusals);
  const made = documents.map((document) => substitute(JSON.parse(asNamed(document))));
  const role = (Policies: Value[]): Value => roleOf('The calls of the Sluice reconciler', Policies);
  if (kind === 'inline')
    return {
      resources: { TaskRole: role(made.map((PolicyDocument) => ({ PolicyName: 'reconciler', PolicyDocument }))) },
      granted: [],
    };
  const managed = made.map((PolicyDocument, i): [string, Value] => [
    `TaskPolicy${i + 1}`,
    {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { Path: ref('RolePath'), Roles: [ref('TaskRole')], PolicyDocument },
    },
  ]);
  return {
    resources: { TaskRole: role([]), ...Object.fromEntries(managed) },
    granted: managed.map(([name]) => name),
  };
}

/** Returns the role by which ECS starts the reconciler; it may pull from a repository only where one is named. */
export function executionRole(): Roles {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
  const repositoryArn = '${RepositoryArn}';
  const list = executionPermissions(SOMEWHERE, { logGroup: LOG_GROUP, repositoryArn, secretParameters: [] });
  const { Statement } = policyDocument(list);
  const pulls = (actions: readonly string[]): boolean => actions.some((a) => a.startsWith('ecr:'));
  const document = (name: string, image: boolean): Value => ({
    PolicyName: name,
    PolicyDocument: substitute(documentOf(Statement.filter((s) => pulls(s.Action) === image))),
  });
  return {
    resources: {
      ExecutionRole: roleOf('Starts the Sluice reconciler', [
        document('logs', false),
        when('HasRepository', document('image', true)),
      ]),
    },
    granted: [],
  };
}

function roleOf(Description: string, Policies: Value[]): Value {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      Description,
      Path: ref('RolePath'),
      PermissionsBoundary: when('HasBoundary', ref('PermissionsBoundary')),
      AssumeRolePolicyDocument: substitute(tasksOnly(SOMEWHERE.accountId)),
      ...(Policies.length > 0 ? { Policies } : {}),
    },
  };
}
