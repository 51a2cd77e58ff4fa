export { Ssm, type SsmOptions } from './service.ts';
