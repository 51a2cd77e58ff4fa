/** An error that the user can fix. Commands print it without a stack and exit with status 1. */
export class UserError extends Error {
  /** One sentence: what the user can do. */
  readonly hint: string | undefined;
  /** Further lines, such as the problems of a document. Each prints on a line of its own. */
  readonly details: readonly string[];

  constructor(message: string, hint?: string, details: readonly string[] = []) {
    super(message);
    this.hint = hint;
    this.details = details;
  }
}

/** A command that was used wrongly. Exit status 2. */
export class UsageError extends UserError {}
