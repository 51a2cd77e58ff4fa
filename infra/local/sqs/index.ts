export { Sqs, type SqsOptions } from './service.ts';
