/** The findings of `policy validate` in each form that it prints. */
import { formatProblem, type Problem } from '../../../policies/document/parse.ts';
import { escapeHtml } from '../../text/escape-html.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { color } from '../../text/terminal.ts';

/** One document with everything that was found in it. */
export interface Checked {
  file: string;
  valid: boolean;
  problems: Problem[];
  warnings: string[];
}

export const FORMATS = ['text', 'json', 'github', 'junit'] as const;
export type Format = (typeof FORMATS)[number];

export const REPORTS: Record<Format, (results: readonly Checked[]) => string> = {
  text: (results) => results.flatMap(textOf).join('\n'),
  json: (results) => JSON.stringify({ results }, null, 2),
  github: (results) => results.flatMap(githubOf).join('\n'),
  junit: junitOf,
};

const shownName = (file: string): string => (file === '-' ? '<stdin>' : file);

function textOf({ file, valid, problems, warnings }: Checked): string[] {
  const shown = escapeTerminal(shownName(file));
  return [
    ...(valid ? [`${shown}: ${color.green('valid')}`] : []),
    ...warnings.map((text) => `${shown}: ${color.yellow('warning')}: ${escapeTerminal(text)}`),
    ...problems.map((problem) => escapeTerminal(formatProblem(shown, problem))),
  ];
}

/** Workflow commands of GitHub Actions, which shows them beside the lines of a pull request. */
function githubOf({ file, valid, problems, warnings }: Checked): string[] {
  const place = (line?: number, column?: number): string =>
    [`file=${property(file)}`, ...(line ? [`line=${line}`] : []), ...(column ? [`col=${column}`] : [])].join(',');
  return [
    ...problems.map((p) => `::error ${place(p.line, p.col)}::${data(formatProblem(shownName(file), p))}`),
    ...warnings.map((text) => `::warning ${place()}::${data(text)}`),
    ...(valid ? [`::debug::${data(`${file} is valid`)}`] : []),
  ];
}

/** Escapes as the runner reads them back (actions/toolkit, command.ts). */
const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** One test case for each document, as JUnit's XML has them. */
function junitOf(results: readonly Checked[]): string {
  const failures = results.filter((r) => !r.valid).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="sluice policy validate" tests="${results.length}" failures="${failures}">`,
    ...results.map(caseOf),
    '</testsuite>',
  ].join('\n');
}

function caseOf({ file, problems, warnings }: Checked): string {
  const name = xml(shownName(file));
  const found = problems.map((p) => formatProblem(shownName(file), p));
  const failure = found[0] ? `\n<failure message="${xml(found[0])}">${xml(found.join('\n'))}</failure>\n` : '';
  const told = warnings.length > 0 ? `\n<system-out>${xml(warnings.join('\n'))}</system-out>\n` : '';
  return `<testcase classname="policy" name="${name}">${failure}${told}</testcase>`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot hold them, not even escaped.
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const xml = (text: string): string => escapeHtml(text.replace(NOT_XML, '?'));
