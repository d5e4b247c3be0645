/**
 * The soak as a program; `scripts/soak.mjs` says how it is called. Argument: `SoakOrder` as JSON. Samples memory
 * after collecting garbage, at times when nothing is under way.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VariantChoice } from '../../src/inference/engine';
import { WorkerEngine } from '../../src/inference/worker/workerEngine';
import { percentile } from '../bench/statistics';
import { startMeasuredThread, type MemorySample } from './measuredThread';
import { CONTEXT_TOKENS, mixedRequests } from './mixedRequests';

interface SoakOrder {
  readonly modelPath: string;
  /** Folder of converted files; a temporary one where absent. */
  readonly cacheDir?: string;
  readonly requests: number;
  readonly seed: number;
  readonly threads: number;
  readonly variant: VariantChoice;
}

/** Samples in a run. */
const SAMPLES = 40;
/** Shares of a run: until then caches fill and code is compiled; then comes what the end is compared with. */
const WARM_UP = 0.2;
const BASE_UNTIL = 0.4;
const END_FROM = 0.8;

const TOLERANCE = 0.05;
/** What allocators may keep although nothing uses it, in bytes: more than 5 % where the model is tiny. */
const RESIDENT_SLACK = 64 * 1024 * 1024;
/** As much for compiled code, which is in the heap. */
const LIVE_SLACK = 1024 * 1024;

interface Reading {
  readonly done: number;
  readonly memory: MemorySample;
}

async function main(order: SoakOrder): Promise<number> {
  const temporary =
    order.cacheDir === undefined ? mkdtempSync(join(tmpdir(), 'qwen-coder-soak-')) : undefined;
  const cacheDir = order.cacheDir ?? join(temporary ?? '', 'converted');
  const measured = startMeasuredThread();
  const { modelPath, threads, variant, requests, seed } = order;
  const engine = new WorkerEngine(
    { modelPath, cacheDir, contextTokens: CONTEXT_TOKENS, threads, variant },
    () => Promise.resolve(),
    () => measured.thread,
  );
  try {
    const model = await engine.start();
    console.log(
      `${model.name}, ${model.variant}, ${model.threads} threads, ${requests} requests, seed ${seed}`,
    );
    console.log('requests  resident MB  client heap+buffers kB  server heap+buffers kB');
    const readings: Reading[] = [];
    const started = performance.now();
    const onSample = async (done: number): Promise<void> => {
      const memory = await measured.sample();
      readings.push({ done, memory });
      console.log(row(done, memory));
    };
    const sampleEvery = Math.ceil(requests / SAMPLES);
    const ends = await mixedRequests(engine, { requests, seed, sampleEvery, onSample });
    const seconds = (performance.now() - started) / 1000;
    console.log(`in ${seconds.toFixed(0)} s: ${JSON.stringify(ends)}`);
    return report(readings, requests);
  } finally {
    await engine.dispose();
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

function row(done: number, { rss, client, server }: MemorySample): string {
  const kilobytes = ({ heapUsed, arrayBuffers }: MemorySample['client']): string =>
    `${(heapUsed / 1e3).toFixed(0)}+${(arrayBuffers / 1e3).toFixed(0)}`;
  return [
    String(done).padStart(8),
    (rss / 1e6).toFixed(1).padStart(12),
    kilobytes(client).padStart(23),
    kilobytes(server).padStart(23),
  ].join(' ');
}

const MEASURES: readonly [name: string, of: (memory: MemorySample) => number, slack: number][] = [
  ['resident', ({ rss }) => rss, RESIDENT_SLACK],
  ['client', ({ client }) => client.heapUsed + client.arrayBuffers, LIVE_SLACK],
  ['server', ({ server }) => server.heapUsed + server.arrayBuffers, LIVE_SLACK],
];

/** @returns the exit code: 0 where every measure has stayed */
function report(readings: readonly Reading[], requests: number): number {
  const between = (from: number, to: number): MemorySample[] =>
    readings
      .filter(({ done }) => done > from * requests && done <= to * requests)
      .map(({ memory }) => memory);
  let flat = true;
  for (const [name, of, slack] of MEASURES) {
    const base = percentile(between(WARM_UP, BASE_UNTIL).map(of), 50);
    const end = percentile(between(END_FROM, 1).map(of), 50);
    const stays = Math.abs(end - base) <= Math.max(TOLERANCE * base, slack);
    flat &&= stays;
    const change = (100 * (end / base - 1)).toFixed(1);
    console.log(
      `${name}: ${(base / 1e6).toFixed(1)} to ${(end / 1e6).toFixed(1)} MB (${change} %), ${stays ? 'flat' : 'NOT FLAT'}`,
    );
  }
  return flat ? 0 : 1;
}

void main(JSON.parse(process.argv[2] ?? '') as SoakOrder).then((code) => (process.exitCode = code));
