import { UserError } from '../text/user-error.ts';
import { classify } from './errors.ts';

/** Runs one AWS call of a command. Throws UserError that says what failed and what the user can do. */
export async function ask<T>(action: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { message, hint } = classify(error, action);
    throw new UserError(message, hint);
  }
}
