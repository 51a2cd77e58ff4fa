import { PRICES } from '../../../infra/aws/blueprint/prices.ts';
import { UsageError } from '../../text/user-error.ts';

/** A worker of 1 vCPU and 2 GB on x86. */
export const DEFAULT_PRICE = '1/2';

const SIZE = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)(-arm)?$/;
const AMOUNT = /^\d+(\.\d+)?$/;

export interface Price {
  /** USD for one worker and hour. */
  usd: number;
  /** One phrase: the size and the Region that the price is of, or that it was given. */
  source: string;
}

/** Reads a price such as 0.05, or a size on Fargate such as 0.5/1 or 0.5/1-arm. Throws UsageError for anything else. */
export function priceOf(text: string): Price {
  const size = SIZE.exec(text);
  if (size) {
    const [, cpu, memory, arm] = size;
    const { cpu: perCpu, memory: perGb } = PRICES.fargate[arm ? 'ARM64' : 'X86_64'];
    return {
      usd: Number((Number(cpu) * perCpu + Number(memory) * perGb).toFixed(6)),
      source: `Fargate, ${cpu} vCPU and ${memory} GB, Linux ${arm ? 'ARM64' : 'x86'}, us-east-1 in November 2026`,
    };
  }
  if (AMOUNT.test(text) && Number(text) > 0) return { usd: Number(text), source: `$${text} a worker-hour, as given` };
  throw new UsageError(
    `--price-worker-hour ${text} is neither a price nor a size`,
    'write 0.05, or 1/2 for 1 vCPU and 2 GB',
  );
}
