/** A worker of the user's own that exits at once: each place that tells of it shows the exit code and its last words. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { cleanEnvironment, run, SLUICE, startUp } from '../../support/up.ts';
import { until } from '../../support/until.ts';

const WORKER = "sh -c 'echo boom; echo no module named jobs; exit 3'";
