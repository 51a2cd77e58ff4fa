/** Makes the errors of ECS, in its words. */
import { AwsError } from '../service.ts';

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);
export const clientError = (message: string): AwsError => new AwsError('ClientException', message);
export const clusterNotFound = (): AwsError => new AwsError('ClusterNotFoundException', 'Cluster not found.');
export const serviceNotFound = (): AwsError => new AwsError('ServiceNotFoundException', 'Service not found.');
export const serviceNotActive = (): AwsError => new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
export const resourceNotFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);

/** The failure of one item of a call that succeeds as a whole. */
export interface Failure {
  arn: string;
  reason: string;
  detail?: string;
}
