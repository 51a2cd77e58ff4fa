/** Measures CPU time and memory of process groups, from /proc (Linux) or from `ps` (macOS). */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

export interface Usage {
  /** CPU seconds since the processes began. */
  cpuSeconds: number;
  /** Resident memory. */
  memoryBytes: number;
}

/** Linux's USER_HZ, which has been 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

type Add = (group: number, cpuSeconds: number, memoryBytes: number) => void;

async function fromProc(add: Add): Promise<void> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    // A process may end between the listing and this.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) continue;
    // The second field, the name, may hold spaces and brackets; fields are counted after its last bracket (proc(5)).
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    add(fields[2] ?? 0, ((fields[11] ?? 0) + (fields[12] ?? 0)) / TICKS_PER_SECOND, (fields[21] ?? 0) * PAGE_BYTES);
  }
}

/** Reads a time of `ps` in the form `[[dd-]hh:]mm:ss[.cc]`; returns seconds. */
function parseTime(text: string): number {
  const [clock = '', days = '0'] = text.split('-').reverse();
  return clock.split(':').reduce((total, part) => total * 60 + Number(part), 0) + Number(days) * 86_400;
}

function fromPs(add: Add): Promise<void> {
  return new Promise((resolve) => {
    execFile('ps', ['-A', '-o', 'pgid=,rss=,time='], (_error, stdout) => {
      for (const line of stdout.split('\n')) {
        const [group, kib, time] = line.trim().split(/\s+/);
        if (time) add(Number(group), parseTime(time), Number(kib) * 1024);
      }
      resolve();
    });
  });
}

/** Returns the usage of those `groups` that live. It never rejects: no figures are better than a failed publisher. */
export async function usageOf(groups: readonly number[]): Promise<Map<number, Usage>> {
  const usage = new Map<number, Usage>();
  if (groups.length === 0) return usage;
  const wanted = new Set(groups);
  const add: Add = (group, cpuSeconds, memoryBytes) => {
    if (!wanted.has(group)) return;
    const sum = usage.get(group) ?? { cpuSeconds: 0, memoryBytes: 0 };
    usage.set(group, { cpuSeconds: sum.cpuSeconds + cpuSeconds, memoryBytes: sum.memoryBytes + memoryBytes });
  };
  try {
    await (process.platform === 'linux' ? fromProc(add) : fromPs(add));
  } catch {
    // No /proc in this container, or no ps.
  }
  return usage;
}
