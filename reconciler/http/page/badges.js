/** Turns a policy's summary into three badges that stand side by side: edit, health, limited by. None hides another. */

const badge = (word, kind, title = '') => ({ word, kind, title });

/** Turns a reason in CamelCase, such as ServiceTaken, into words. */
const spelled = (reason) => reason.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** Health first by what hurts most. `rank` orders the list: 0 needs a person now, 5 needs nobody. */
const WORDS = {
  MaxWorkersReached: 'at maxWorkers',
  Drained: 'drained',
  Paused: 'paused',
  Observing: 'observing',
};

export function editBadge(p) {
  if (p.refused) {
    const stays = p.generation > 0 ? `version ${p.generation} stays in force` : 'no version is in force';
    return badge(`version ${p.refused.version} refused`, 'bad', stays);
  }
  return p.generation > 0
    ? badge(`version ${p.generation} in force`, 'dim')
    : badge('no version in force', 'bad', 'Store a valid document; Sluice does not touch the service until then.');
}

const concern = (p, type) => p.concerns.find((c) => c.type === type);

/** Returns every statement about health, the worst first; at least one. */
export function healthBadges(p) {
  const found = [];
  const add = (rank, word, kind, title) => found.push({ ...badge(word, kind, title), rank });
  if (p.queueProblem) add(0, 'cannot read the queue', 'bad', p.queueProblem);
  if (p.serviceProblem) add(0, 'cannot read the service', 'bad', p.serviceProblem);
  const ready = concern(p, 'Ready');
  const spoken = new Set(['Ready', 'PolicyValid', 'Observed', 'ScalingLimited', 'ChaosActive', 'Alerting']);
  for (const run of p.running) add(2, `experiment ${run.experiment} ${run.phase}`, 'warn', run.summary);
  const unread = p.queueProblem || p.serviceProblem;
  if (ready && !['NoPolicyInForce', 'PolicyDeleted'].includes(ready.reason) && !unread) {
    const quiet = ready.reason === 'Paused';
    const known = WORDS[ready.reason];
    if (!(ready.reason === 'Drained' && p.running.length > 0))
      add(
        quiet ? 4 : known ? 1 : 0,
        known ?? spelled(ready.reason),
        quiet ? 'dim' : known ? 'warn' : 'bad',
        ready.message,
      );
  }
  for (const c of p.concerns)
    if (!spoken.has(c.type)) add(1, spelled(c.type === 'WorkersStart' ? c.reason : c.type), 'warn', c.message);
  for (const a of p.alerts)
    add(a.severity === 'critical' ? 0 : 1, `alert ${a.name}`, a.severity === 'critical' ? 'bad' : 'warn', a.message);
  if (p.mode === 'paused' && !ready) add(4, 'paused', 'dim', 'Sluice decides nothing for this policy.');
  if (found.length === 0 && p.outcome === undefined) add(3, 'not evaluated yet', 'dim');
  if (p.mode === 'observe') add(4, 'observing', 'accent', 'Sluice decides and reports, and changes nothing.');
  if (found.length === 0) add(5, 'well', 'good');
  return found.sort((a, b) => a.rank - b.rank);
}

/** Returns the guard that limits the count now. */
export function limitBadge({ limit, mode }) {
  if (mode === 'paused') return badge('no count proposed', 'dim', 'The policy is paused.');
  if (!limit) return badge('not limited', 'dim', 'The proposed count is in force.');
  const name = limit.guard === 'clamp' ? limit.because.split(' ')[0] : limit.guard;
  // A floor keeps more workers than are needed, which hurts nobody's message.
  const kind = limit.to < limit.from ? 'warn' : 'dim';
  return badge(`limited by ${name}`, kind, `${limit.to} instead of ${limit.from}: ${limit.because}`);
}

/** Returns the place of a policy in the list: trouble first. */
export const rankOf = (p) => Math.min(p.refused || p.generation === 0 ? 0 : 9, healthBadges(p)[0].rank);

/** The states by which the list can be filtered. */
export const STATES = {
  'all states': () => true,
  'needs a person': (p) => rankOf(p) === 0,
  'edit refused': (p) => Boolean(p.refused),
  'alert firing': (p) => p.alerts.length > 0,
  'experiment running': (p) => p.running.length > 0,
  limited: (p) => limitBadge(p).kind === 'warn',
  paused: (p) => p.mode === 'paused',
  observing: (p) => p.mode === 'observe',
  well: (p) => rankOf(p) === 5,
};
