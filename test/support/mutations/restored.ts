import { until } from '../until.ts';
import type { Cell } from './cell.ts';
import type { Lane } from './lanes.ts';

const RESTORED_WITHIN_MS = 40_000;
/** A run is over once everything has been as before for longer than two ticks. */
const QUIET_MS = 2_500;

/** Waits until the owner's things are as before and stay so, and blames the lane's last mutation if they do not. */
export async function restored(cell: Cell, lane: Lane): Promise<void> {
  let since = Date.now();
  await until(
    'the owner’s things to be as before',
    async () => {
      if (!cell.alive) return true;
      if ((await cell.changed(lane)).length > 0) since = Date.now();
      return Date.now() - since > (lane.scene === 'calm' ? 0 : QUIET_MS);
    },
    RESTORED_WITHIN_MS,
  ).catch(async () => cell.blame(lane, `not restored: ${(await cell.changed(lane)).join('; ')}`));
}
