/** A queue as a policy names it: by exactly one of these. */
export interface QueueRef {
  name?: string | undefined;
  url?: string | undefined;
  arn?: string | undefined;
}

/** Returns the name under which CloudWatch knows the queue, and which its ARN ends with. */
export function queueNameOf({ name, arn, url }: QueueRef): string {
  return name ?? arn?.split(':').at(-1) ?? url?.split('/').at(-1) ?? '';
}
