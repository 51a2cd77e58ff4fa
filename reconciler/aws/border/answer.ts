import type { Instant } from '../../../policies/model/observation.ts';
import { namedError } from '../errors.ts';

/** More than AWS grants of anything that is counted here: tasks of a service, messages in a queue (SQS tells no bound). */
const MOST = 1e12;
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);
/** Characters of a wrong value that an error quotes. */
const QUOTED = 60;

/**
 * A value somewhere in an answer of AWS, that is not believed yet. Each method returns the value as its type, or throws
 * IncompleteAnswer with the call, the field and what was expected, such as
 * `ecs:DescribeServices: services[0].desiredCount is "10", expected a whole number from 0 to 100000`.
 */
export class Answer {
  readonly #call: string;
  readonly #path: string;
  readonly value: unknown;

  /** `call` is the IAM action, such as `ecs:DescribeServices`. */
  constructor(call: string, value: unknown, path = '') {
    this.#call = call;
    this.value = value;
    this.#path = path;
  }

  /** Returns a field of this object; it may be missing. */
  get(key: string): Answer {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) this.refuse('an object');
    const value = (this.value as Record<string, unknown>)[key];
    return new Answer(this.#call, value, this.#path === '' ? key : `${this.#path}.${key}`);
  }

  /** Returns this value, or undefined when it is missing. Whether that means that the thing is absent, the caller must know. */
  get ifPresent(): Answer | undefined {
    return this.value === undefined || this.value === null ? undefined : this;
  }

  /** Returns whether this is an object with `wanted` in the field `key`. */
  has(key: string, wanted: string): boolean {
    const { value } = this;
    return typeof value === 'object' && value !== null && (value as Record<string, unknown>)[key] === wanted;
  }

  /** Returns the items of a list, which must be there. */
  list(): Answer[] {
    if (!Array.isArray(this.value)) return this.refuse('a list');
    return this.value.map((item, i) => new Answer(this.#call, item, `${this.#path}[${i}]`));
  }

  /** Returns a text of at least one character. */
  text(expected = 'a text'): string {
    return typeof this.value === 'string' && this.value !== '' ? this.value : this.refuse(expected);
  }

  /** Words for people, on which nothing rests: undefined for anything but a text of at least one character. */
  get words(): string | undefined {
    return typeof this.value === 'string' && this.value !== '' ? this.value : undefined;
  }

  /** Returns a text that `pattern` matches. */
  matching(pattern: RegExp, expected: string): string {
    const text = this.text(expected);
    return pattern.test(text) ? text : this.refuse(expected);
  }

  /** Returns the value, which must be `wanted`: an answer about another thing than the one asked for is none. */
  exactly<T extends string | number>(wanted: T): T {
    return this.value === wanted ? wanted : this.refuse(JSON.stringify(wanted));
  }

  /** Returns one of the words of an enumeration. */
  oneOf<T extends string>(words: readonly T[], expected = `one of ${words.join(', ')}`): T {
    return words.find((word) => word === this.value) ?? this.refuse(expected);
  }

  /** Returns true or false. */
  flag(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.refuse('true or false');
  }

  /** Returns a whole number from `least` to `most`. */
  count(most = MOST, least = 0): number {
    const { value } = this;
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
      ? value
      : this.refuse(`a whole number from ${least} to ${most}`);
  }

  /** Returns a whole number from 0 that is written in digits alone, as SQS tells its counters. */
  counter(): number {
    const { value } = this;
    if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) return this.refuse('digits');
    return Number(value) <= MOST ? Number(value) : this.refuse(`at most ${MOST}`);
  }

  /** Returns a finite number from 0. */
  amount(): number {
    const { value } = this;
    return typeof value === 'number' && value >= 0 && value <= 1e15 ? value : this.refuse('a number from 0');
  }

  /** Returns the instant of a date between the years 2000 and 2200. */
  date(): Instant {
    const at = this.value instanceof Date ? this.value.getTime() : Number.NaN;
    return at >= EARLIEST && at <= LATEST ? at : this.refuse('a date');
  }

  /** Returns the text's JSON as an answer of its own. */
  json(): Answer {
    const text = this.text('JSON');
    try {
      return new Answer(this.#call, JSON.parse(text), this.#path);
    } catch {
      return this.refuse('JSON');
    }
  }

  /** Throws IncompleteAnswer. */
  refuse(expected: string): never {
    const place = this.#path === '' ? 'the answer' : this.#path;
    const found = this.value === undefined ? 'is missing' : `is ${quoted(this.value)}`;
    throw namedError('IncompleteAnswer', `${this.#call}: ${place} ${found}, expected ${expected}`);
  }
}

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}...` : text;
}
