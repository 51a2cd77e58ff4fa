import { policyJsonSchema } from '../../../policies/document/schema.ts';
import { json } from '../../text/terminal.ts';
import type { Configure } from '../command.ts';

export const configure: Configure = (command, exit) =>
  command.action(() => {
    json(policyJsonSchema());
    exit(0);
  });
