import { type Place, placeOfArn } from '../../policies/document/place.ts';
import type { Clients } from '../aws/clients.ts';

/** Returns the Region and account that a command works in. `arn`, of a stored parameter, names both. */
export async function homeOf(aws: Pick<Clients, 'region'>, arn?: string): Promise<Place> {
  const region = await aws.region();
  return { ...(region ? { region } : {}), ...placeOfArn(arn) };
}
