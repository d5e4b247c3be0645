/** Uses the native library, by the engine or bare, so that a test can look at what it leaves behind. Argument: JSON. */
import { resolve } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { createWorkerEngine } from '../../src/inference/worker/workerEngine';
import { collect } from './collect';
import { TINY_TIED } from './tinyModel';

interface TelemetryArguments {
  readonly cacheDir: string;
  /** A converted graph to be loaded as anybody would; absent uses the engine. */
  readonly bare?: string;
}

async function main({ cacheDir, bare }: TelemetryArguments): Promise<void> {
  if (bare !== undefined) {
    await (await InferenceSession.create(bare)).release();
    return;
  }
  const engine = createWorkerEngine({
    workerFile: resolve('dist/worker.js'),
    probeFile: resolve('dist/nativeProbe.js'),
    load: { modelPath: TINY_TIED, cacheDir, threads: 1, variant: 'exact', contextTokens: 256 },
  });
  await collect(engine.generate({ prompt: [{ text: 'def total' }], maxTokens: 4, stopTokens: [] }));
  await engine.dispose();
}

void main(JSON.parse(process.argv[2] ?? '') as TelemetryArguments);
