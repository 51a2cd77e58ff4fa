/** The line by which editors find the schema of a document. It is for files: the parameter does not hold it. */

const SCHEMA_FILE = 'policy.schema.json';
const LINE = /^# yaml-language-server: \$schema=.*\r?\n/;

/** Returns the text with the line at its top. JSON has no comments, and stays as it is. */
export function withEditorLine(text: string): string {
  return LINE.test(text) || /^\s*\{/.test(text) ? text : `# yaml-language-server: $schema=${SCHEMA_FILE}\n${text}`;
}

/** Returns the text without that line, as it is stored. */
export const withoutEditorLine = (text: string): string => text.replace(LINE, '');

export const EDITOR_HINT = `for completion in your editor: sluice policy schema > ${SCHEMA_FILE}`;
