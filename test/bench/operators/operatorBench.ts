import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGraph } from '../../support/tinyModel';
import type { BenchEngineOptions } from '../benchEngine';

/** Milliseconds of a run by operator, the longest first. */
export type OperatorTimes = readonly { readonly operator: string; readonly ms: number }[];

export interface OperatorNumbers {
  /** Of a whole prefill. */
  readonly prefill: OperatorTimes;
  /** Of one token behind it. */
  readonly decode: OperatorTimes;
}

/** An entry of the runtime's profile: Chrome's trace format. Microseconds. */
interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

const DECODED = 16;

/** Where the time of a run goes, by the runtime's own profile. The profile itself takes time, so shares say more. */
export class OperatorBench {
  constructor(private readonly options: BenchEngineOptions) {}

  load(): Promise<void> {
    return Promise.resolve();
  }

  /** @param ids of a prompt, evaluated once to warm up and once to be looked at; then some tokens one by one */
  async measure(ids: readonly number[]): Promise<OperatorNumbers> {
    const { modelPath, cacheDir, threads, variant } = this.options;
    const folder = mkdtempSync(join(tmpdir(), 'qwen-coder-profile-'));
    try {
      const profilePrefix = join(folder, 'profile');
      const opened = await openGraph(modelPath, cacheDir, { threads, variant, profilePrefix });
      const { graph } = opened;
      const cache = opened.newCache(ids.length + DECODED);
      for (let round = 0; round < 2; round++) {
        cache.truncate(0);
        await graph.run({ ids, rows: [ids.length - 1] }, cache);
      }
      for (const id of ids.slice(0, DECODED)) await graph.run({ ids: [id], rows: [0] }, cache);
      await graph.release();
      const [file = ''] = readdirSync(folder);
      return readProfile(JSON.parse(readFileSync(join(folder, file), 'utf8')) as TraceEvent[]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async release(): Promise<void> {}
}

/** The first run has warmed up, the second is the prefill, the rest are decode steps. */
export function readProfile(events: readonly TraceEvent[]): OperatorNumbers {
  const runs = events.filter(({ name }) => name === 'model_run').sort((a, b) => a.ts - b.ts);
  const nodes = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
  const [, prefill, ...decode] = runs;
  return {
    prefill: prefill === undefined ? [] : timesIn([prefill], nodes),
    decode: timesIn(decode, nodes).map(({ operator, ms }) => ({ operator, ms: ms / decode.length })),
  };
}

function timesIn(runs: readonly TraceEvent[], nodes: readonly TraceEvent[]): OperatorTimes {
  const times = new Map<string, number>();
  for (const { ts, dur, args } of nodes) {
    if (!runs.some((run) => ts >= run.ts && ts + dur <= run.ts + run.dur)) continue;
    const operator = args?.op_name ?? 'unknown';
    times.set(operator, (times.get(operator) ?? 0) + dur / 1000);
  }
  return [...times].map(([operator, ms]) => ({ operator, ms })).sort((a, b) => b.ms - a.ms);
}
