import { escapeHtml } from '../escape-html.ts';
import type { Live } from '../live.ts';
import { summaryOf } from './api.ts';

/** The plain status page: one table, no script, refreshed by the browser. */
export function statusPage(live: Live): string {
  const rows = [...live.board.policies.values()].map((view) => {
    const s = summaryOf(view);
    const workers = s.workers
      ? `${s.workers.running}/${s.workers.desired}${s.workers.pending ? ` (+${s.workers.pending})` : ''}`
      : '?';
    const queue = s.queue ? `${s.queue.visible} visible, ${s.queue.inFlight} in flight` : '?';
    const refused = s.refused
      ? `<br><strong>version ${s.refused.version} refused:</strong> ${escapeHtml(s.refused.problems[0]?.message)}`
      : '';
    const alerts = s.alerts.map((a) => `<br><strong>${escapeHtml(a.name)}:</strong> ${escapeHtml(a.message)}`).join('');
    return `<tr><th scope="row">${escapeHtml(s.name)}</th><td>${s.generation}</td><td>${workers}</td><td>${queue}</td><td>${escapeHtml(s.summary ?? 'no tick yet')}${refused}${alerts}</td></tr>`;
  });
  const body =
    rows.length > 0
      ? `<table><thead><tr><th>policy</th><th>version</th><th>workers running/desired</th><th>queue</th><th>last decision</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
      : '<p>No policy yet. Put one: <code>sluice policy apply FILE</code></p>';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="2"><title>Sluice</title><style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .8rem;border-bottom:1px solid #8885}td:last-child{max-width:36rem}
</style></head><body><h1>Sluice</h1>${body}<p>Also here: <a href="/metrics">/metrics</a>, <a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/api/policies">/api/policies</a>, /api/events (live)</p></body></html>`;
}
