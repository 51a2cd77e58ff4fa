/** The errors of ECS, in its words. */
import { AwsError } from '../service.ts';

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);
export const clientError = (message: string): AwsError => new AwsError('ClientException', message);
export const clusterNotFound = (): AwsError => new AwsError('ClusterNotFoundException', 'Cluster not found.');
export const serviceNotFound = (): AwsError => new AwsError('ServiceNotFoundException', 'Service not found.');
export const serviceNotActive = (): AwsError => new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
export const resourceNotFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);

/** What a batch call says of one item; the call itself succeeds. */
export interface Failure {
  arn: string;
  reason: string;
  detail?: string;
}
