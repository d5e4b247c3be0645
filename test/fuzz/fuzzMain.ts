/** The fuzzer as a program; `scripts/fuzz.mjs` says how it is called. Argument: `FuzzOrder` as JSON. */
import { writeFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { checkCase } from './checkCase';
import { denseRun } from './denseRun';
import { fuzzFile, fuzzRun, type FuzzReport } from './fuzzRun';
import { loadSeeds } from './seeds';

interface FuzzOrder {
  readonly seed: number;
  readonly cases: number;
  /** Number of the first one. */
  readonly from: number;
  /** Only this case. */
  readonly only?: number;
  /** Where the file of that case is to be written. */
  readonly write?: string;
}

/** A case takes milliseconds; one that takes so long hangs. */
const HANG_MS = 60_000;
const PROGRESS_MS = 10_000;

interface Work {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** One Int32: the case under way. */
  readonly current: SharedArrayBuffer;
}

async function main(order: FuzzOrder): Promise<number> {
  if (order.only !== undefined) return runOne(order.seed, order.only, order.write);
  for (const { name, bytes, outcome, bufferBytes } of await denseRun()) {
    console.log(`dense: ${name}: ${bytes} bytes, ${outcome}, ${bufferBytes} bytes of buffers`);
  }
  const started = performance.now();
  const report = await runWatched(order);
  if (report === undefined) return 1;
  const seconds = (performance.now() - started) / 1000;
  console.log(inWords(report, seconds));
  return report.violations.length === 0 ? 0 : 1;
}

async function runOne(seed: number, index: number, write: string | undefined): Promise<number> {
  const file = fuzzFile(loadSeeds(), seed, index);
  if (write !== undefined) writeFileSync(write, file);
  console.log(`case ${index} of seed ${seed}: ${file.length} bytes`, await checkCase(file));
  return 0;
}

/** Runs the cases in a thread, so that one that hangs can be told. */
function runWatched({ seed, from, cases }: FuzzOrder): Promise<FuzzReport | undefined> {
  const to = from + cases;
  const current = new SharedArrayBuffer(4);
  const cell = new Int32Array(current);
  const worker = new Worker(__filename, { workerData: { seed, from, to, current } satisfies Work });
  let last = -1;
  let since = performance.now();
  return new Promise((fulfil, reject) => {
    const timer = setInterval(() => {
      const now = Atomics.load(cell, 0);
      if (now !== last) since = performance.now();
      last = now;
      console.error(`case ${now}, up to ${to}`);
      if (performance.now() - since < HANG_MS) return;
      console.log(`case ${now} of seed ${seed} hangs`);
      settle(undefined);
    }, PROGRESS_MS);
    const settle = (report: FuzzReport | undefined): void => {
      clearInterval(timer);
      void worker.terminate().then(() => fulfil(report));
    };
    worker.once('message', settle);
    worker.once('error', (error) => {
      clearInterval(timer);
      reject(new Error(`case ${Atomics.load(cell, 0)} of seed ${seed}: ${String(error)}`, { cause: error }));
    });
  });
}

function inWords({ cases, outcomes, checks, violations, ...memory }: FuzzReport, seconds: number): string {
  const lines = [
    `${cases} cases in ${seconds.toFixed(0)} s, ${Object.keys(checks).length} different answers`,
    ...Object.entries(outcomes).map(([outcome, count]) => `  ${outcome}: ${count}`),
    `allocations: told for ${memory.measured} cases, at most ten times the file and ${memory.mostBeyondFactor} bytes`,
    `asked of the file: at most ${memory.mostRequested} bytes`,
    `violations: ${violations.length}`,
  ];
  return lines.join('\n');
}

async function work({ seed, from, to, current }: Work): Promise<void> {
  const cell = new Int32Array(current);
  const report = await fuzzRun({
    seed,
    from,
    to,
    onViolation: (index, what) => console.log(`VIOLATION in case ${index} of seed ${seed}: ${what}`),
    onCase: (index) => void Atomics.store(cell, 0, index),
  });
  parentPort?.postMessage(report);
}

if (isMainThread) {
  void main(JSON.parse(process.argv[2] ?? '') as FuzzOrder).then((code) => (process.exitCode = code));
} else {
  void work(workerData as Work);
}
