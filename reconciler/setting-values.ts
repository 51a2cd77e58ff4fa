/** Readers of setting values. Each throws an Error whose message follows "it", such as "must be yes or no". */
import { parseDuration } from '../policies/grammar/duration.ts';
import { didYouMean } from '../policies/grammar/suggest.ts';
import { LOG_LEVELS } from './text/levels.ts';

export const path = (text: string): string => {
  if (!/^\/([\w.-]+\/)*$/.test(text))
    throw new Error('must be a parameter path that starts and ends in a slash, such as /sluice/policies/');
  return text;
};

export const duration =
  (least: string) =>
  (text: string): number => {
    const ms = parseDuration(text);
    if (ms === undefined) throw new Error('must be a duration such as 15s or 1m');
    if (ms < parseDuration(least)!) throw new Error(`must be at least ${least}`);
    return ms;
  };

/** Reads a period that CloudWatch accepts. */
export const period = (text: string): number => {
  const ms = parseDuration(text);
  if (ms === undefined || (![1_000, 5_000, 10_000, 30_000].includes(ms) && (ms % 60_000 !== 0 || ms === 0)))
    throw new Error('must be 1s, 5s, 10s, 30s or whole minutes');
  return ms;
};

export const port = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new Error('must be a port from 0 to 65535');
  return value;
};

export const queueUrl = (text: string): string => {
  if (!/^https?:\/\/[^\s]+$/.test(text)) throw new Error('must be the URL of a queue');
  return text;
};

export const level = (text: string): string => {
  if (!(LOG_LEVELS as readonly string[]).includes(text))
    throw new Error(`must be a log level; ${didYouMean(text, LOG_LEVELS)}`);
  return text;
};

export const yesOrNo = (text: string): boolean => {
  if (text !== 'yes' && text !== 'no') throw new Error('must be yes or no');
  return text === 'yes';
};

export const list = (text: string): string[] =>
  text
    .split(',')
    .map((t) => t.trim())
    .filter(Boolean);
