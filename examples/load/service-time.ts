/** How long jobs take: a specification in one line, and a seeded sample of it. */

const UNIT_S = { ms: 0.001, s: 1, m: 60, h: 3_600 } as const;

interface Part {
  weight: number;
  /** Seconds. */
  mean: number;
  /** Seconds to either side, uniformly. */
  spread: number;
}

function seconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  if (!match) throw new Error(`"${text}" is not a time such as 20s, 500ms or 5m`);
  return Number(match[1]) * UNIT_S[match[2] as keyof typeof UNIT_S];
}

/**
 * Returns a sampler of seconds for a specification: `1s`, `20s+-10s` (uniform), or a mix by weight such as
 * `0.8:20s+-10s,0.2:5m+-2m`. Throws an Error that names the part that it cannot read.
 */
export function serviceTime(spec: string, random: () => number): () => number {
  const parts = spec.split(',').map((text): Part => {
    const [head, tail] = text.includes(':') ? text.split(':', 2) : ['1', text];
    const [mean, spread = '0s'] = tail!.split('+-');
    const weight = Number(head);
    if (!(weight > 0)) throw new Error(`"${head}" is not a weight above 0, in "${text}"`);
    return { weight, mean: seconds(mean!), spread: seconds(spread) };
  });
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  return () => {
    let left = random() * total;
    let chosen = parts[0]!;
    for (const part of parts) {
      chosen = part;
      left -= part.weight;
      if (left < 0) break;
    }
    return Math.max(0, chosen.mean + (2 * random() - 1) * chosen.spread);
  };
}
