/** Attaches labels, i.e. names, to versions. Source: SSM User Guide, "Working with parameter labels". */
import { simple } from './errors.ts';
import type { Parameter, Version } from './parameter.ts';

const MAX_LABELS = 10;

/** Returns whether a label is valid. It must not look like a version or begin with AWS's own prefixes. */
export const isValidLabel = (label: string): boolean =>
  /^[a-zA-Z_.-][\w.-]*$/.test(label) && label.length <= 100 && !/^(?:aws|ssm)/i.test(label);

/**
 * Attaches labels to one version, and takes them from any other.
 * @returns the malformed labels, which it leaves out
 */
export function attach(parameter: Parameter, version: Version, labels: readonly string[]): string[] {
  const valid = labels.filter(isValidLabel);
  const together = new Set([...version.labels, ...valid]);
  if (together.size > MAX_LABELS)
    throw simple(
      'ParameterVersionLabelLimitExceeded',
      `A parameter version can have a maximum of ten labels. Move one or more labels to another version and try again.`,
    );
  for (const other of parameter.versions) {
    if (other !== version) other.labels = other.labels.filter((label) => !valid.includes(label));
  }
  version.labels = [...together];
  return labels.filter((label) => !isValidLabel(label));
}

/** Removes labels from one version. A label that the version does not have is invalid. */
export function detach(version: Version, labels: readonly string[]): { removed: string[]; invalid: string[] } {
  const removed = labels.filter((label) => version.labels.includes(label));
  version.labels = version.labels.filter((label) => !removed.includes(label));
  return { removed, invalid: labels.filter((label) => !removed.includes(label)) };
}
