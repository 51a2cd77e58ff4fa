/**
 * Prints the reconciler's IAM policy of a stack, as `pulumi up` would make it: to review it, to simulate it, or to try it
 * on the embedded AWS (`sluice up --iam FILE`).
 *
 * With `--deployer`, prints the policies of whoever deploys the stack instead, as a list of documents.
 *
 * Usage: npm run --silent infra:policy -- STACK [--deployer] [--account 111122223333] [--subnets subnet-a,subnet-b] [--without ACTION]
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import type { Permission, Refusal } from './blueprint/permission.ts';
import { deployerPermissions } from './blueprint/permissions/deployer.ts';
import { reconcilerPermissions, reconcilerRefusals } from './blueprint/permissions/reconciler.ts';
import { type PolicyDocument, policyDocument } from './blueprint/policy-document.ts';
import { managedPolicies } from './blueprint/role-policies.ts';
import { CONFIG_KEYS, parseConfig, type StackConfig } from './config.ts';
import { namesOf, scopeOf, withSubnets } from './scope.ts';

/**
 * Returns the configuration in `infra/aws/Pulumi.STACK.yaml`, and its Region. The image, which a stack may leave unset,
 * does not matter to a policy. @throws Error when there is no such file, or it is not valid
 */
export function readStack(stack: string): { region: string; config: StackConfig } {
  let text: string;
  try {
    text = readFileSync(new URL(`./Pulumi.${stack}.yaml`, import.meta.url), 'utf8');
  } catch {
    throw new Error(`there is no infra/aws/Pulumi.${stack}.yaml`);
  }
  const { config = {} } = parse(text) as { config?: Record<string, unknown> };
  const own = CONFIG_KEYS.map((key) => [key, config[`sluice:${key}`]] as const).filter(
    ([, value]) => value !== undefined,
  );
  return {
    region: String(config['aws:region'] ?? 'us-east-1'),
    config: parseConfig({ image: 'none', ...Object.fromEntries(own) }),
  };
}

/** Returns the calls that the reconciler of a stack may make. `subnets` are for stacks that make their own network. */
export function grantsOf(
  stack: string,
  accountId: string,
  subnets: string[] = ['subnet-*'],
): { permissions: Permission[]; refusals: Refusal[] } {
  const { region, config } = readStack(stack);
  const scope = { ...scopeOf(namesOf(stack, config), config), partition: 'aws', region, accountId };
  const { securityGroupSubnets } = scope.faults;
  const known = securityGroupSubnets.map((id) => withSubnets(id, subnets));
  const real = { ...scope, faults: { ...scope.faults, securityGroupSubnets: known } };
  return { permissions: reconcilerPermissions(real), refusals: reconcilerRefusals(real) };
}

/** Returns the policies of whoever deploys a stack: several documents, each within the limit of a managed policy. */
export function deployerPolicies(stack: string, accountId: string): PolicyDocument[] {
  const { region, config } = readStack(stack);
  const { name, paths, logGroup } = namesOf(stack, config);
  const { rolePath, permissionsBoundary, kmsKeyArn, network, dashboard } = config;
  const root = paths.policies.replace(/policies\/$/, '');
  const own = { name, root, logGroup, rolePath, permissionsBoundary, kmsKeyArn, dashboard };
  const home = { partition: 'aws', region, accountId };
  const permissions = deployerPermissions(home, { ...own, makesNetwork: network === undefined });
  return managedPolicies(policyDocument(permissions));
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      account: { type: 'string' },
      subnets: { type: 'string' },
      without: { type: 'string', multiple: true },
      deployer: { type: 'boolean' },
    },
  });
  const [stack] = positionals;
  if (!stack) throw new Error('name a stack: dev, prod, localstack or local');
  const account = values.account ?? '000000000000';
  if (values.deployer) {
    process.stdout.write(`${JSON.stringify(deployerPolicies(stack, account), null, 2)}\n`);
    return;
  }
  const { permissions, refusals } = grantsOf(stack, account, values.subnets?.split(','));
  const unknown = (values.without ?? []).find((action) => !permissions.some((p) => p.action === action));
  if (unknown !== undefined) throw new Error(`the policy does not grant ${unknown}`);
  const kept = permissions.filter((p) => !values.without?.includes(p.action));
  const document = policyDocument(kept, refusals);
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  try {
    main();
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
