import assert from 'node:assert/strict';
import { IdleVerification } from '../../../src/extension/idleVerification';
import type { EngineStatus, LoadedModel } from '../../../src/inference/engine';
import { EngineError } from '../../../src/inference/errors';
import type { verifyModelWhenIdle } from '../../../src/inference/store/verifyModelWhenIdle';
import { FakeClock } from '../completion/fakeClock';

const MODEL: LoadedModel = {
  name: 'One',
  architecture: 'qwen2',
  variant: 'fast',
  contextTokens: 2048,
  threads: 2,
  loadMs: 1,
  convertMs: 0,
};
const READY: EngineStatus = { state: 'ready', model: MODEL };
const WORKING: EngineStatus = { state: 'working', model: MODEL };

describe('IdleVerification', () => {
  let clock: FakeClock;
  let status: EngineStatus;
  let listeners: Set<(status: EngineStatus) => void>;
  let log: string[];
  let checks: Parameters<typeof verifyModelWhenIdle>[];
  let answer: () => ReturnType<typeof verifyModelWhenIdle>;
  let verification: IdleVerification;

  beforeEach(() => {
    clock = new FakeClock();
    status = { state: 'stopped' };
    listeners = new Set();
    log = [];
    checks = [];
    answer = async () => [];
    verification = new IdleVerification({
      engines: {
        get status() {
          return status;
        },
        onStatus: (listener) => {
          listeners.add(listener);
          return { dispose: () => listeners.delete(listener) };
        },
      },
      plan: async () => ({ modelPath: '/m/one.gguf', cacheDir: '/c', contextTokens: 2048, threads: 2 }),
      clock,
      log: (line) => log.push(line),
      verify: async (...asked) => {
        checks.push(asked);
        return answer();
      },
    });
  });
  afterEach(() => verification.dispose());

  const become = (next: EngineStatus): void => {
    status = next;
    for (const listener of [...listeners]) listener(next);
  };

  it('checks the loaded model once it has been left alone for a while', async () => {
    become(READY);
    await clock.pass(60_000);
    assert.equal(checks.length, 0);
    await clock.pass(30_000);
    assert.deepEqual(checks[0]?.[0], { modelPath: '/m/one.gguf', cacheDir: '/c', variant: 'fast' });
    const isIdle = checks[0]?.[1]?.isIdle;
    assert.equal(isIdle?.(), true);
    become(WORKING);
    assert.equal(isIdle?.(), false);
  });

  it('begins to wait anew with each request', async () => {
    become(READY);
    for (let round = 0; round < 5; round++) {
      await clock.pass(60_000);
      become(WORKING);
      become(READY);
    }
    assert.equal(checks.length, 0);
    await clock.pass(90_000);
    assert.equal(checks.length, 1);
  });

  it('gives up when the model goes, and at the end', async () => {
    become(READY);
    become({ state: 'stopped' });
    await clock.pass(200_000);
    assert.equal(checks.length, 0);
    answer = () => new Promise(() => undefined);
    become(READY);
    await clock.pass(90_000);
    verification.dispose();
    assert.equal(checks[0]?.[1]?.signal?.aborted, true);
    assert.equal(listeners.size, 0);
  });

  it('tells the log what is damaged and what failed', async () => {
    answer = async () => [{ path: '/m/one.gguf', bytes: 1, sha256: '0' }];
    become(READY);
    await clock.pass(90_000);
    assert.match(log.join('\n'), /one\.gguf is damaged/);
    answer = async () => {
      throw new EngineError('io', 'no such luck');
    };
    become(WORKING);
    become(READY);
    await clock.pass(90_000);
    assert.match(log.join('\n'), /no such luck/);
  });
});
