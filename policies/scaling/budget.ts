/** Money for workers: how much of a day's budget is spent, and how many workers the rest of it pays for. Pure. */
import { z } from 'zod';
import { nextOccurrence } from '../grammar/cron.ts';
import type { BudgetState } from '../model/decision.ts';
import type { Memory } from '../model/memory.ts';
import type { Instant, Observation } from '../model/observation.ts';
import type { Spend } from '../model/record.ts';

/** The budget of a scaling section. */
export const budgetSchema = z
  .strictObject({
    perDay: z.number().positive().max(1e9).meta({ description: 'money for the workers of one day' }),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be three capital letters such as USD')
      .default('USD')
      .meta({ description: 'currency of both amounts; only shown' }),
    pricePerWorkerHour: z.number().positive().max(1e6).meta({ description: 'price of one worker for one hour' }),
    timezone: z.string().min(1).default('UTC').meta({ description: 'IANA time zone whose midnight starts a new day' }),
  })
  .meta({ description: 'a limit on what the workers cost in a day; minWorkers always holds' });

export type Budget = z.output<typeof budgetSchema>;

const HOUR_MS = 3_600_000;
/** No day is longer, not even one with a change of the clock. */
const LONGEST_DAY_MS = 25 * HOUR_MS;
const MIDNIGHT = '0 0 * * *';

/** Returns the day that holds `now`: its midnight, and the midnight after it. */
export function dayOf(now: Instant, timezone: string): { start: Instant; end: Instant } {
  const next = (after: Instant): Instant => nextOccurrence(MIDNIGHT, timezone, after) ?? after + LONGEST_DAY_MS;
  let start = next(now - LONGEST_DAY_MS - 1);
  for (let later = next(start); later <= now; later = next(start)) start = later;
  return { start, end: next(now) };
}

/**
 * Returns the money spent today, up to `now`. The workers of the look before are charged for the time since then, also over a
 * restart. Without an earlier look, counting starts now.
 */
export function spendAt(budget: Budget, before: Spend | undefined, workers: number, now: Instant): Spend {
  const { start, end } = dayOf(now, budget.timezone);
  // A time of a day to come is damage, or a clock that was set back by days.
  if (!before || before.at >= end) return { spent: 0, at: now, workers };
  const hours = Math.max(0, now - Math.max(before.at, start)) / HOUR_MS;
  const earlier = before.at >= start ? before.spent : 0;
  // A clock that was set back charges nothing twice.
  const at = Math.max(now, before.at);
  return { spent: earlier + before.workers * hours * budget.pricePerWorkerHour, at, workers };
}

/** Returns the memory with the money that the workers have cost until now. What really runs counts, in every mode. */
export function withSpend({ spec }: Spending, { service }: Observation, memory: Memory, now: Instant): Memory {
  const { budget } = spec.scaling;
  const { spend, ...rest } = memory;
  if (!budget) return spend ? rest : memory;
  if (!service.ok) return memory;
  const { running, pending } = service.value;
  return { ...memory, spend: spendAt(budget, spend, running + pending, now) };
}

interface Spending {
  spec: { scaling: { budget?: Budget | undefined } };
}

/** Workers beyond minWorkers are planned so that the money left pays for them for this time, in hours. */
const HORIZON_H = 1;

/**
 * Returns how far a day's budget is used. minWorkers is paid for until midnight first; the money that is left after that may be
 * spent at any pace, but never on more workers than it pays for during the next hour. So a burst is served as long as there is
 * money, and the count comes down smoothly when there is little.
 */
export function budgetStateOf(
  budget: Budget,
  { minWorkers, maxWorkers }: { minWorkers: number; maxWorkers: number },
  { spent, workers }: Spend,
  now: Instant,
): BudgetState {
  const { perDay, pricePerWorkerHour: price, currency, timezone } = budget;
  const { end: dayEnds } = dayOf(now, timezone);
  const hoursLeft = (dayEnds - now) / HOUR_MS;
  const free = perDay - spent - minWorkers * price * hoursLeft;
  const hourly = price * Math.min(HORIZON_H, hoursLeft);
  const affordable = minWorkers + Math.max(0, Math.floor(free / hourly + 1e-9));
  const most = Math.min(maxWorkers, affordable);
  // The warning comes an hour of all workers before the limit.
  const near = free < 2 * hourly * (maxWorkers - minWorkers);
  const state = most < maxWorkers || free < 0 ? 'limited' : near ? 'near' : 'within';
  const foreseen = spent + workers * price * hoursLeft;
  return { currency, perDay, spent: cents(spent), foreseen: cents(foreseen), dayEnds, most, state };
}

/** Hundredths of a cent are enough for a reader, and keep records short. */
const cents = (amount: number): number => Math.round(amount * 1e4) / 1e4;
