import assert from 'node:assert/strict';
import type { LoadedModel, PreviousEnd } from '../../../src/inference/engine';
import type { ServiceStatus } from '../../../src/extension/engineService';
import {
  previousEndMessage,
  tellPreviousEnd,
  type PreviousEndMessage,
} from '../../../src/extension/previousEnd';

const END: PreviousEnd = { phase: 'running', model: 'Qwen2.5-Coder 1.5B', variant: 'fast', at: 1000 };
const MODEL: LoadedModel = {
  name: 'Qwen2.5-Coder 1.5B',
  architecture: 'qwen2',
  variant: 'fast',
  contextTokens: 2048,
  threads: 2,
  loadMs: 1,
  convertMs: 0,
};

describe('an unexpected end of an earlier process', () => {
  it('is told with the smaller model and the exact variant as ways out', () => {
    const message = previousEndMessage(END, MODEL);
    assert.match(message?.text ?? '', /ended unexpectedly while Qwen2\.5-Coder 1\.5B was at work/);
    assert.deepEqual(message?.actions, ['use-exact', 'models', 'show-log']);
    const loading = previousEndMessage({ ...END, phase: 'loading' }, { ...MODEL, variant: 'exact' });
    assert.match(loading?.text ?? '', /was being loaded/);
    assert.deepEqual(loading?.actions, ['models', 'show-log']);
  });

  it('is not blamed on an engine that was idle', () => {
    assert.equal(previousEndMessage({ ...END, phase: 'idle' }, MODEL), undefined);
  });

  it('is told once, however often the engine is ready', () => {
    let listener: (status: ServiceStatus) => void = () => undefined;
    const told: PreviousEndMessage[] = [];
    const onStatus = (next: typeof listener) => {
      listener = next;
      return { dispose: () => undefined };
    };
    tellPreviousEnd({ onStatus }, (message) => told.push(message));
    const model = { ...MODEL, previousEnd: END };
    listener({ state: 'loading', phase: 'loading' });
    for (let request = 0; request < 3; request++) {
      listener({ state: 'ready', model });
      listener({ state: 'working', model });
    }
    assert.equal(told.length, 1);
    listener({ state: 'ready', model: { ...MODEL, previousEnd: { ...END, at: 2000 } } });
    assert.equal(told.length, 2);
  });
});
