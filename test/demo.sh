#!/usr/bin/env bash
# `npm start` as a new user runs it: the burst scenario for 90 s must scale up and back, lose nothing, and leave no process.
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp)
trap 'rm -f "$out"' EXIT
npm start --silent -- --scenario burst --duration 90s --json --port 0 --endpoint-port 0 >"$out"
tail -n 1 "$out"
node --input-type=module - "$out" <<'JS'
import { readFileSync } from 'node:fs';
const summary = JSON.parse(readFileSync(process.argv[2], 'utf8').trim().split('\n').at(-1));
const problems = [];
if (summary.lost !== 0) problems.push(`lost ${summary.lost} jobs`);
if (summary.processed !== summary.sent || summary.sent < 100) problems.push(`${summary.processed} of ${summary.sent} processed`);
if (summary.workers.max < 6) problems.push(`never scaled above ${summary.workers.max} workers`);
if (summary.scaleUps < 2 || summary.scaleDowns < 2) problems.push(`${summary.scaleUps} scale-ups, ${summary.scaleDowns} scale-downs`);
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
JS
if pgrep -f "$PWD/(dist|reconciler/cli)/(worker|sluice)\.js" >/dev/null; then
  echo 'processes were left behind:' >&2
  pgrep -af "$PWD/(dist|reconciler/cli)/(worker|sluice)\.js" >&2
  exit 1
fi
