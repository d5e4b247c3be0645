import assert from 'node:assert/strict';
import { EngineHistory } from '../../../src/extension/engineHistory';
import type { ServiceStatus } from '../../../src/extension/engineService';
import { SpeedMemory } from '../../../src/extension/speedMemory';
import type { Engine, GenerateEvent, LoadedModel } from '../../../src/inference/engine';
import { collect } from '../../support/collect';

describe('what is remembered of models', () => {
  let stored: Record<string, unknown>;
  let updates: number;
  let now: number;
  let tell: (status: ServiceStatus) => void;
  let memory: SpeedMemory;
  let history: EngineHistory;

  const MODEL: LoadedModel = {
    name: 'M',
    architecture: 'qwen2',
    variant: 'exact',
    contextTokens: 2048,
    threads: 2,
    loadMs: 1,
    convertMs: 0,
  };
  const stats = {
    promptTokens: 100,
    cachedTokens: 0,
    generatedTokens: 0,
    queueMs: 0,
    prefillMs: 200,
    decodeMs: 0,
  };
  /** Reads 100 tokens in 200 ms and writes 10 more in 90 ms. */
  const engine = {
    async *generate(): AsyncGenerator<GenerateEvent> {
      yield { type: 'prefilled', stats };
      now += 90;
      yield { type: 'text', text: 'x', tokens: 10, logProbability: 0 };
      yield { type: 'done', reason: 'max-tokens', stats };
    },
  } as unknown as Engine;

  beforeEach(() => {
    stored = {};
    updates = 0;
    now = 0;
    memory = new SpeedMemory({
      get: (key) => stored[key],
      update: async (key, value) => {
        updates++;
        stored[key] = value;
      },
    });
    history = new EngineHistory(memory, () => now);
    history.watch({
      onStatus: (listener) => {
        tell = listener;
        return { dispose: () => undefined };
      },
    });
  });

  const ask = async (): Promise<void> => {
    await collect(history.observe(engine).generate({ prompt: [], maxTokens: 10 }));
  };

  it('is how fast they were, written down now and then', async () => {
    tell({ state: 'ready', model: MODEL });
    assert.equal(memory.of('M'), undefined);
    await ask();
    await ask();
    assert.deepEqual(memory.of('M'), { prefill: 500, decode: 100 });
    assert.equal(updates, 1);
    now += 60_000;
    await ask();
    assert.equal(updates, 2);
    assert.equal(memory.of('other'), undefined);
  });

  it('begins with what the choice of the variant has measured', () => {
    const measured = [
      { variant: 'fast', prefillTokensPerSecond: 700, decodeTokensPerSecond: 36, accepted: true },
      { variant: 'exact', prefillTokensPerSecond: 240, decodeTokensPerSecond: 25, accepted: true },
    ] as const;
    tell({ state: 'ready', model: { ...MODEL, choice: { reason: 'r', measured } } });
    assert.deepEqual(memory.of('M'), { prefill: 240, decode: 25 });
  });

  it('is kept through a sleep, and not for another variant', async () => {
    tell({ state: 'ready', model: MODEL });
    await ask();
    tell({ state: 'asleep', reason: 'idle' });
    assert.equal(history.model, MODEL);
    tell({ state: 'ready', model: { ...MODEL } });
    assert.equal(history.speeds.recent.length, 1);
    tell({ state: 'ready', model: { ...MODEL, variant: 'fast' } });
    assert.equal(history.speeds.recent.length, 0);
  });

  it('is nothing where the editor’s memory holds something else', async () => {
    for (const value of [7, null, [1], { M: 3 }, { M: { prefill: '9', decode: -1 } }]) {
      stored['qwenCoder.speeds'] = value;
      assert.equal(memory.of('M'), undefined);
    }
    await memory.note('M', { decode: 3 });
    await memory.note('M', { prefill: 4 });
    assert.deepEqual(memory.of('M'), { prefill: 4, decode: 3 });
  });
});
