/** A short soak: requests without end must not take memory without end. The long one: `npm run soak`. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { WorkerEngine } from '../../../src/inference/worker/workerEngine';
import { startMeasuredThread, type MemorySample } from '../../soak/measuredThread';
import { CONTEXT_TOKENS, mixedRequests } from '../../soak/mixedRequests';
import { temporaryFolder, TINY_UNTIED } from '../../support/tinyModel';

/** Until caches are full and code is compiled. */
const WARM_UP = 150;
const REQUESTS = 300;
/** What may be kept of so many requests, in bytes: compiled code, and keys and values that happen to be more. */
const MAX_GROWTH = 1024 * 1024;

describe('an engine that serves request after request', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => void (folder = await temporaryFolder()));
  after(() => folder.remove());

  /** Memory after the warm-up and at the end. */
  async function soak(leak: boolean): Promise<{ first: MemorySample; last: MemorySample; ends: string[] }> {
    const measured = startMeasuredThread({ leak });
    const engine = new WorkerEngine(
      {
        modelPath: TINY_UNTIED,
        cacheDir: join(folder.path, 'converted'),
        contextTokens: CONTEXT_TOKENS,
        threads: 1,
        variant: 'exact',
      },
      () => Promise.resolve(),
      () => measured.thread,
    );
    try {
      const run = (requests: number, seed: number) =>
        mixedRequests(engine, { requests, seed, sampleEvery: requests, onSample: async () => undefined });
      await run(WARM_UP, 1);
      const first = await measured.sample();
      const ends = await run(REQUESTS, 2);
      return { first, last: await measured.sample(), ends: Object.keys(ends) };
    } finally {
      await engine.dispose();
    }
  }

  const growth = (first: MemorySample, last: MemorySample) => ({
    client:
      last.client.heapUsed + last.client.arrayBuffers - first.client.heapUsed - first.client.arrayBuffers,
    server:
      last.server.heapUsed + last.server.arrayBuffers - first.server.heapUsed - first.server.arrayBuffers,
  });

  it('keeps nothing of them, whether they end, are withdrawn or are wrong', async () => {
    const { first, last, ends } = await soak(false);
    for (const end of [
      'max-tokens',
      'stop-string',
      'aborted',
      'left',
      'counted',
      'invalid-request',
      'context-overflow',
    ]) {
      assert.ok(ends.includes(end), `none ended with ${end}: ${ends.join(', ')}`);
    }
    const { client, server } = growth(first, last);
    assert.ok(client < MAX_GROWTH && server < MAX_GROWTH, `grown by ${client} and ${server} bytes`);
  });

  it('would be noticed to keep the outputs of its runs', async () => {
    const { first, last } = await soak(true);
    const { server } = growth(first, last);
    assert.ok(server > 2 * MAX_GROWTH, `grown by only ${server} bytes`);
  });
});
