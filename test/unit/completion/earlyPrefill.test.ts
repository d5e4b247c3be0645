import assert from 'node:assert/strict';
import { IDLE_MS } from '../../../src/completion/earlyPrefill';
import { EngineError } from '../../../src/inference/errors';
import { DEBOUNCE, setUp, shown } from './completerSetUp';
import { parse } from './cursor';
import { settle } from './scriptedEngine';

describe('Completer, ahead of the request', () => {
  it('has the prompt evaluated while it waits, and asks with the same one', async () => {
    const { engine, clock, completer } = setUp({ early: true });
    const answer = completer.complete(parse('x =█'), 'automatic');
    await settle();
    const [early] = engine.runs;
    assert.equal(early?.request.maxTokens, 0);
    await early.prefilled();
    await early.done('max-tokens');
    await clock.pass(DEBOUNCE);
    assert.equal(engine.runs.length, 2);
    assert.deepEqual({ ...engine.last.request, maxTokens: 0, speculative: true }, early.request);
    assert.ok(engine.last.request.maxTokens > 0);
    await engine.last.text(' 1');
    await engine.last.done();
    assert.equal(shown(await answer), ' 1');
  });

  it('lets the evaluation go on behind the pause, and withdraws it when another key is typed', async () => {
    const { engine, clock, completer } = setUp({ early: true });
    void completer.complete(parse('x =█'), 'automatic');
    await clock.pass(DEBOUNCE);
    const [early, asked] = engine.runs;
    assert.equal(early?.signal?.aborted, false);
    void completer.complete(parse('x = █'), 'automatic');
    await settle();
    assert.equal(early.signal.aborted, true);
    assert.equal(asked?.signal?.aborted, true);
    assert.equal(engine.runs.at(-1)?.request.maxTokens, 0);
  });

  it('evaluates nothing early by hand, without a pause, or for a model that is not loaded', async () => {
    const { engine, clock, completer } = setUp({ early: true });
    void completer.complete(parse('x =█'), 'explicit');
    await settle();
    void completer.complete(parse('y =█'), 'automatic', undefined, { atOnce: true });
    await settle();
    assert.deepEqual(
      engine.runs.map(({ request }) => request.maxTokens > 0),
      [true, true],
    );
    engine.status = { state: 'stopped' };
    void completer.complete(parse('z =█'), 'automatic');
    await clock.pass(DEBOUNCE - 1);
    assert.equal(engine.runs.length, 2);
    await clock.pass(1);
    assert.equal(engine.runs.length, 3);
  });

  it('renews the suffix that is kept once nobody types, and no longer than that', async () => {
    const { engine, clock, completer } = setUp({ early: true });
    void completer.complete(parse('x =█\ny = 2\n'), 'explicit');
    await settle();
    await engine.last.text(' 1');
    await engine.last.done();
    await clock.pass(IDLE_MS - 1);
    assert.equal(engine.runs.length, 1);
    await clock.pass(1);
    const renewal = engine.last;
    assert.equal(engine.runs.length, 2);
    assert.deepEqual([renewal.request.maxTokens, renewal.request.keepSuffix], [0, 'renew']);
    assert.equal(renewal.prompt, engine.runs[0]?.prompt);
    void completer.complete(parse('x = z█\ny = 2\n'), 'automatic');
    await settle();
    assert.equal(renewal.signal?.aborted, true);
  });

  it('renews nothing where something was typed meanwhile, or nothing is kept', async () => {
    for (const keepSuffix of [true, false]) {
      const { engine, clock, completer } = setUp({ early: true, keepSuffix });
      engine.answerWith(async (run) => {
        await run.text(' 1');
        await run.done();
      });
      await completer.complete(parse('x =█'), 'explicit');
      await clock.pass(IDLE_MS / 2);
      if (keepSuffix) await completer.complete(parse('y =█'), 'explicit');
      await clock.pass(IDLE_MS - 1);
      assert.ok(engine.runs.every(({ request }) => request.keepSuffix !== 'renew'));
    }
  });

  it('answers as it would when evaluating early fails', async () => {
    const { engine, clock, completer } = setUp({ early: true });
    const answer = completer.complete(parse('x =█'), 'automatic');
    await settle();
    await engine.last.fail(new EngineError('native-failure', 'no'));
    await clock.pass(DEBOUNCE);
    await engine.last.text(' 1');
    await engine.last.done();
    assert.equal(shown(await answer), ' 1');
  });
});
