import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

export interface Deployed {
  service: string;
  /** ARNs of task definitions. */
  wanted: string;
  running: string;
  runningCount: number;
}

/** Returns the message for a service that does not run the task definition that was deployed, or undefined. */
export function deploymentProblem({ service, wanted, running, runningCount }: Deployed): string | undefined {
  const look =
    "look at the service's events and at the log of the stopped task: " +
    `aws ecs describe-services --cluster CLUSTER --services ${service} --query "services[0].events[:5]"`;
  const short = (arn: string): string => arn.replace(/^.*task-definition\//, '');
  if (wanted !== running)
    return (
      `${service} runs ${short(running)}, and ${short(wanted)} was deployed. ECS went back, because new tasks did not ` +
      `become healthy; ${short(running)} keeps scaling. To find the cause, ${look}`
    );
  if (runningCount === 0)
    return `${service} runs no task of ${short(wanted)}: it does not become healthy, and nothing scales. To find the cause, ${look}`;
  return undefined;
}

/**
 * Returns the ARN of the task definition that the service runs once it is updated. ECS's circuit breaker goes back to
 * the one before, and the provider calls that a success, so that the update itself would not notice.
 * @throws RunError with the message of `deploymentProblem`, in an update; a preview throws nothing
 */
export function runningDefinition(
  service: aws.ecs.Service,
  deployed: pulumi.Output<string>,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const found = aws.ecs.getServiceOutput(
    { clusterArn: service.cluster, serviceName: service.name },
    { parent, dependsOn: [service] },
  );
  return pulumi
    .all([service.name, deployed, found])
    .apply(([name, wanted, { taskDefinition: running, runningCount }]) => {
      const problem = deploymentProblem({ service: name, wanted, running, runningCount });
      if (problem !== undefined && !pulumi.runtime.isDryRun()) throw new pulumi.RunError(problem);
      return running;
    });
}
