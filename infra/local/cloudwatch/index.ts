export { CloudWatch, type CloudWatchOptions, createCloudWatch } from './service.ts';
