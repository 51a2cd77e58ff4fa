/** Writes the XML of the query protocol. */

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A parser would turn a bare carriage return into a line feed, and the MD5 of a message would no longer fit.
  '\r': '&#xD;',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot hold these at all, so they are dropped.
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Escapes a text. Characters that XML cannot hold are dropped. */
export const xmlText = (value: string): string =>
  value.replaceAll(NOT_XML, '').replaceAll(/[&<>"'\r]/g, (c) => ESCAPES[c] ?? c);

/** Returns an element. @param content XML, which is not escaped again */
export const element = (name: string, content: string): string =>
  content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`;
