/** A problem of a document that no single field shows. */
export interface Finding {
  /** From the part of the document that the check was given. */
  path: (string | number)[];
  message: string;
  /** The remedy, in words. */
  hint?: string;
}

/** Returns findings of a part with their paths as seen from the whole. */
export const within = (path: readonly (string | number)[], findings: readonly Finding[]): Finding[] =>
  findings.map((finding) => ({ ...finding, path: [...path, ...finding.path] }));
