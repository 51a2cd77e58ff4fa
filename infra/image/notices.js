/** The licenses of the packages that are bundled: their authors ask that the texts travel with the code. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Licenses that allow this use. A package under any other one fails the build, so that somebody looks at it. */
const ALLOWED = new Set(['MIT', 'ISC', '0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0']);

/** Returns the folders of the packages that the input files belong to. */
export function packagesOf(root, inputs) {
  const found = inputs.flatMap((input) => {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(resolve(root, input));
    return match ? [match[1]] : [];
  });
  return [...new Set(found)];
}

/** Returns the text of the notices, one package after another. Throws for a license that is not allowed. */
export function notices(folders) {
  const packages = folders.map(describe).sort((a, b) => a.title.localeCompare(b.title));
  for (const { title, license } of packages)
    if (!ALLOWED.has(license))
      throw new Error(`${title} has the license ${license}, which is not allowed to be bundled`);
  // Packages of one family share one text.
  const byText = new Map();
  for (const { title, license, text } of packages) {
    const key = `License: ${license}\n\n${text}`;
    byText.set(key, [...(byText.get(key) ?? []), title]);
  }
  const sections = [...byText].map(([text, titles]) => `${titles.join('\n')}\n${text}\n`);
  return `Sluice is bundled with the packages below.\n\n${sections.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '(the package holds no license file)';
  return { title: `${name} ${version}`, license, text };
}
