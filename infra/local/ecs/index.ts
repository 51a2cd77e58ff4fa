export type { Task } from './model.ts';
export type { EcsOptions, TaskOutput } from './options.ts';
export { createEcs, Ecs, type EcsContext, type ServiceMetrics } from './service.ts';
