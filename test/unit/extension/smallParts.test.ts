import assert from 'node:assert/strict';
import { abortOnCancel, unlessAborted, type CancellationLike } from '../../../src/extension/abortOnCancel';
import { Disposables } from '../../../src/extension/disposables';
import { Listeners } from '../../../src/extension/listeners';
import { RestartPolicy } from '../../../src/extension/restartPolicy';
import { traceLine } from '../../../src/extension/traceLine';

describe('Disposables', () => {
  it('disposes of everything once, last added first, and of late additions at once', () => {
    const owner = new Disposables();
    const gone: string[] = [];
    owner.add({ dispose: () => gone.push('a') });
    owner.add({ dispose: () => gone.push('b') });
    owner.dispose();
    owner.dispose();
    assert.deepEqual(gone, ['b', 'a']);
    owner.add({ dispose: () => gone.push('late') });
    assert.deepEqual(gone, ['b', 'a', 'late']);
  });

  it('goes on after a failure and reports it', () => {
    const owner = new Disposables();
    let gone = false;
    owner.add({ dispose: () => (gone = true) });
    owner.add({
      dispose: () => {
        throw new Error('stuck');
      },
    });
    assert.throws(() => owner.dispose(), AggregateError);
    assert.equal(gone, true);
  });
});

describe('Listeners', () => {
  it('calls each listener until it is disposed of, also one that leaves during a call', () => {
    const listeners = new Listeners<number>();
    const heard: string[] = [];
    const first = listeners.listen((value) => {
      heard.push(`a${value}`);
      first.dispose();
    });
    listeners.listen((value) => heard.push(`b${value}`));
    listeners.fire(1);
    listeners.fire(2);
    assert.deepEqual(heard, ['a1', 'b1', 'b2']);
  });
});

describe('abortOnCancel', () => {
  class Token implements CancellationLike {
    readonly listeners = new Listeners<void>();
    live = 0;
    constructor(public isCancellationRequested = false) {}
    onCancellationRequested(listener: () => void) {
      this.live++;
      const heard = this.listeners.listen(listener);
      return { dispose: () => (this.live--, heard.dispose()) };
    }
  }

  it('passes a cancellation on, before and while it runs, and stops listening afterwards', async () => {
    assert.equal(await abortOnCancel(new Token(true), async (signal) => signal.aborted), true);
    const token = new Token();
    const aborted = await abortOnCancel(token, async (signal) => {
      assert.equal(signal.aborted, false);
      token.listeners.fire();
      return signal.aborted;
    });
    assert.equal(aborted, true);
    assert.equal(token.live, 0);
  });

  it('stops listening after a failure too', async () => {
    const token = new Token();
    await assert.rejects(
      abortOnCancel(token, () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(token.live, 0);
  });

  it('does not let an aborted caller wait', async () => {
    const controller = new AbortController();
    const waiting = unlessAborted(new Promise<number>(() => undefined), controller.signal);
    controller.abort();
    assert.equal(await waiting, undefined);
    assert.equal(await unlessAborted(Promise.resolve(7), new AbortController().signal), 7);
    await assert.rejects(unlessAborted(Promise.reject(new Error('no')), new AbortController().signal), /no/);
  });
});

describe('RestartPolicy', () => {
  const minutes = (n: number): number => n * 60_000;

  it('gives up after three deaths within ten minutes, and begins again when they are past or it is asked', () => {
    const policy = new RestartPolicy();
    policy.died(minutes(0));
    policy.died(minutes(1));
    assert.equal(policy.mayRestart(minutes(1)), true);
    policy.died(minutes(2));
    assert.equal(policy.mayRestart(minutes(9)), false);
    assert.equal(policy.mayRestart(minutes(10)), true);
    policy.died(minutes(10));
    assert.equal(policy.mayRestart(minutes(10)), false);
    policy.reset();
    assert.equal(policy.mayRestart(minutes(10)), true);
  });
});

describe('traceLine', () => {
  it('has times and reasons, but not the document', () => {
    const line = traceLine({
      uri: 'file:///home/ada/secret.py',
      languageId: 'python',
      version: 3,
      offset: 12,
      trigger: 'automatic',
      result: 'empty',
      totalMs: 12.6,
      prepareMs: 0.2,
      debounceMs: 0,
      adopted: false,
      suggestedLength: 0,
      pieces: [
        { kind: 'before the cursor', tokens: 812 },
        { kind: 'definition', origin: 'src/secret.py', tokens: 40 },
      ],
      rules: ['repeats-lines', 'maximum-lines'],
    });
    assert.equal(
      line,
      'languageId=python version=3 offset=12 trigger=automatic result=empty totalMs=13 prepareMs=0 debounceMs=0 ' +
        'adopted=false suggestedLength=0 pieces=before-the-cursor:812,definition:40 rules=repeats-lines,maximum-lines',
    );
  });
});
