import assert from 'node:assert/strict';
import { DEFAULT_COMPLETER_OPTIONS, MAX_DOCUMENT_UNITS } from '../../../src/completion/completer';
import type { SyntaxJudge } from '../../../src/completion/syntaxGuard';
import { EngineError } from '../../../src/inference/errors';
import { DEBOUNCE, setUp, shown } from './completerSetUp';
import { parse } from './cursor';
import { settle } from './scriptedEngine';

describe('Completer', () => {
  describe('one request', () => {
    it('sends prefix, suffix, middle and answers with what was written', async () => {
      const { engine, clock, completer, traces } = setUp();
      const answer = completer.complete(parse('def add(a, b):\n    return █\n\nprint(add)\n'), 'explicit');
      await settle();
      assert.equal(
        engine.last.prompt,
        '<fim_prefix>def add(a, b):\n    return <fim_suffix>\n\nprint(add)\n<fim_middle>',
      );
      assert.equal(engine.last.request.maxTokens, DEFAULT_COMPLETER_OPTIONS.maxNewTokens);
      await clock.pass(200);
      await engine.last.prefilled();
      await clock.pass(30);
      await engine.last.text('a', ' + b');
      await engine.last.done();
      assert.deepEqual(await answer, {
        kind: 'suggestion',
        text: 'a + b',
        range: { start: 26, end: 26 },
        source: 'engine',
        tokens: 2,
        ms: 230,
        firstTextMs: 230,
        endedBy: 'stop-token',
        probabilities: [1],
      });
      const [trace] = traces;
      assert.equal(traces.length, 1);
      assert.equal(trace?.result, 'suggestion');
      assert.equal(trace?.promptTokens, 100);
      assert.equal(trace?.cachedTokens, 60);
      assert.equal(trace?.suggestedLength, 5);
      assert.ok((trace?.estimatedPromptTokens ?? 0) > 15);
      assert.deepEqual(
        trace?.pieces?.map(({ kind }) => kind),
        ['before the cursor', 'after the cursor'],
      );
    });

    it('ends at a line end once the model has written for long enough', async () => {
      const { engine, clock, completer } = setUp({ maxDecodeMs: 1000 });
      const answer = completer.complete(parse('def f(n):\n    █'), 'automatic');
      await clock.pass(DEBOUNCE);
      await engine.last.text('if n');
      await clock.pass(999);
      await engine.last.text(' < 1:\n        return');
      await clock.pass(1);
      assert.equal(engine.last.stopped, false);
      await engine.last.text(' 0\n    x');
      assert.equal(engine.last.stopped, true);
      const outcome = await answer;
      assert.equal(shown(outcome), 'if n < 1:\n        return 0');
      assert.equal(outcome.kind === 'suggestion' && outcome.endedBy, 'time-is-up');
    });

    it('waits for the first line however long it takes, and for everything when asked by hand', async () => {
      const { engine, clock, completer } = setUp({ maxDecodeMs: 1000 });
      const slow = completer.complete(parse('a = █'), 'automatic');
      await clock.pass(DEBOUNCE);
      await engine.last.text('1 +');
      await clock.pass(5000);
      await engine.last.text(' 2');
      assert.equal(engine.last.stopped, false);
      await engine.last.text('\nb');
      assert.equal(shown(await slow), '1 + 2');

      const asked = completer.complete(parse('def f():\n    █'), 'explicit');
      await settle();
      await engine.last.text('a()\n');
      await clock.pass(5000);
      await engine.last.text('    b()\n');
      await engine.last.text('    return c');
      await engine.last.done();
      assert.equal(shown(await asked), 'a()\n    b()\n    return c');
    });

    it('ends where the model is sure that the text behind the cursor comes next', async () => {
      const { engine, completer } = setUp();
      const answer = completer.complete(parse('def f(n):\n    █\n\nf(1)\n'), 'explicit');
      await settle();
      assert.deepEqual(engine.last.request.endScoring, { suffix: '\n\nf(1)\n', tokens: 5 });
      await engine.last.text('m = n', '\n');
      await engine.last.endScore(5, -1.5);
      assert.equal(engine.last.stopped, false);
      await engine.last.text('    return m', '\n');
      await engine.last.endScore(18, -0.4);
      assert.equal(engine.last.stopped, true);
      const outcome = await answer;
      assert.equal(shown(outcome), 'm = n\n    return m');
      assert.equal(outcome.kind === 'suggestion' && outcome.endedBy, 'suffix-follows');
    });

    it('asks for no ends where nothing follows', async () => {
      const { engine, completer } = setUp();
      void completer.complete(parse('a = █\n'), 'explicit');
      await settle();
      assert.equal(engine.last.request.endScoring, undefined);
    });

    it('stops the engine when a rule ends the text', async () => {
      const { engine, completer } = setUp();
      const answer = completer.complete(parse('total = █\nprint(total)\n'), 'explicit');
      await settle();
      await engine.last.text('1', '\n');
      assert.equal(engine.last.stopped, true);
      const outcome = await answer;
      assert.equal(shown(outcome), '1');
      assert.equal(outcome.kind === 'suggestion' && outcome.endedBy, 'statement-complete');
    });

    it('shows the model LF and answers with CRLF where the document has CRLF', async () => {
      const { engine, completer } = setUp();
      const answer = completer.complete(parse('if a:█\r\nb()\r\n'), 'explicit');
      await settle();
      assert.equal(engine.last.prompt, '<fim_prefix>if a:<fim_suffix>\nb()\n<fim_middle>');
      await engine.last.text('\n    c()\n    d()');
      await engine.last.done();
      assert.equal(shown(await answer), '\r\n    c()\r\n    d()');
    });

    it('says empty and only-repeats apart', async () => {
      const { engine, completer } = setUp();
      engine.answerWith(async (run) => {
        await run.text(run.prompt.includes('total') ? 'print(total)\n' : '  \n');
        await run.done();
      });
      assert.equal(shown(await completer.complete(parse('x = 1\n█\n'), 'explicit')), '(empty)');
      const repeated = parse('x = 1\n█\nprint(total)\n');
      assert.equal(shown(await completer.complete(repeated, 'explicit')), '(only-repeats)');
    });

    it('answers with the error when the engine fails, and works again afterwards', async () => {
      const { engine, completer } = setUp();
      const error = new EngineError('model-missing', 'no weights');
      const first = completer.complete(parse('x = █'), 'explicit');
      await settle();
      await engine.last.fail(error);
      assert.deepEqual(await first, { kind: 'none', reason: 'engine-failed', error });
      const second = completer.complete(parse('x = █'), 'explicit');
      await settle();
      await engine.last.text('1');
      await engine.last.done();
      assert.equal(shown(await second), '1');
    });

    it('does not retry a failed engine by itself', async () => {
      const { engine, completer } = setUp({ debounceMs: 0 });
      engine.status = { state: 'failed', error: { code: 'model-missing', message: 'no weights' } };
      const outcome = await completer.complete(parse('x = █'), 'automatic');
      assert.deepEqual(outcome, { kind: 'none', reason: 'engine-not-ready', detail: 'model-missing' });
      assert.equal(engine.runs.length, 0);
      void completer.complete(parse('x = █'), 'explicit');
      await settle();
      assert.equal(engine.runs.length, 1);
    });

    it('refuses what it cannot handle without asking the engine', async () => {
      const { engine, completer } = setUp();
      const large = parse('█', { text: 'x'.repeat(MAX_DOCUMENT_UNITS + 1) });
      assert.equal(shown(await completer.complete(large, 'explicit')), '(document-too-large)');
      const inside = parse('█', { text: 'a😀', offset: 2 });
      assert.equal(shown(await completer.complete(inside, 'explicit')), '(invalid-offset)');
      assert.equal(
        shown(await completer.complete(parse('█', { offset: 7 }), 'explicit')),
        '(invalid-offset)',
      );
      assert.equal(engine.runs.length, 0);
    });

    it('keeps the prompt within a small context', async () => {
      const { engine, completer, traces } = setUp({ maxPrefixTokens: 4096 });
      if (engine.status.state === 'ready') {
        engine.status = { state: 'ready', model: { ...engine.status.model, contextTokens: 512 } };
      }
      const answer = completer.complete(parse(`${'value = compute(1)\n'.repeat(3000)}█`), 'explicit');
      await settle();
      await engine.last.done();
      await answer;
      assert.ok((traces[0]?.estimatedPromptTokens ?? Infinity) < (512 - 96) / 1.2);
    });
  });

  describe('a document that parses', () => {
    /** Closing brackets that nothing opened are all that this grammar minds. */
    const syntax: SyntaxJudge = { parses: (text) => Promise.resolve(!text.includes('))')) };
    const answered = async (written: string, reason: 'stop-token' | 'max-tokens'): Promise<string> => {
      const { engine, completer } = setUp({}, undefined, syntax);
      const answer = completer.complete(parse('a = 1\n█\n'), 'explicit');
      await settle();
      await engine.last.text(written);
      await engine.last.done(reason);
      return shown(await answer);
    };

    it('keeps parsing: lines that break it are left out, or all of it is withheld', async () => {
      assert.equal(await answered('b = f(1)\nc = g(2))', 'stop-token'), 'b = f(1)');
      assert.equal(await answered('c = g(2))', 'stop-token'), '(breaks-syntax)');
    });

    it('is not judged by what was cut off', async () => {
      assert.equal(await answered('b = f(2))\nc = (\nd', 'max-tokens'), 'b = f(2))\nc = (');
    });
  });

  describe('alternatives', () => {
    it('are written from other first tokens, and differ by more than blanks', async () => {
      const { engine, completer } = setUp();
      const answers = ['a + b', ' a  + b', '', 'sum(a)', 'b'];
      engine.answerWith(async (run) => {
        await run.text(answers[engine.runs.length - 1] ?? '');
        await run.done();
      });
      const snapshot = parse('x = █\n');
      const shownFirst = await completer.complete(snapshot, 'explicit');
      assert.ok(shownFirst.kind === 'suggestion');
      const others = await completer.alternatives(snapshot, shownFirst);
      assert.deepEqual(
        others.map(({ text }) => text),
        ['sum(a)', 'b'],
      );
      assert.deepEqual(
        engine.runs.map(({ request }) => request.firstChoice),
        [undefined, 1, 2, 3, 4],
      );
      assert.equal(new Set(engine.runs.map(({ prompt }) => prompt)).size, 1, 'one prompt for all of them');
    });

    it('keep a document parsing, whatever ended them', async () => {
      const syntax: SyntaxJudge = { parses: (text) => Promise.resolve(!text.includes('))')) };
      const { engine, completer } = setUp({}, undefined, syntax);
      const answers = ['f(1)', 'g(2))', 'h(3)\nc = i(4))'];
      engine.answerWith(async (run) => {
        await run.text(answers[engine.runs.length - 1] ?? 'f(1)');
        await run.done(engine.runs.length === 3 ? 'max-tokens' : 'stop-token');
      });
      const snapshot = parse('x = █\n');
      const first = await completer.complete(snapshot, 'explicit');
      assert.ok(first.kind === 'suggestion');
      const others = await completer.alternatives(snapshot, first);
      assert.deepEqual(
        others.map(({ text }) => text),
        ['h(3)'],
      );
    });

    it('end with what there is when something is typed', async () => {
      const { engine, completer } = setUp();
      const snapshot = parse('x = █\n');
      const asked = completer.complete(snapshot, 'explicit');
      await settle();
      await engine.last.text('a');
      await engine.last.done();
      const first = await asked;
      assert.ok(first.kind === 'suggestion');
      const others = completer.alternatives(snapshot, first);
      await settle();
      await engine.last.text('b');
      void completer.complete(parse('x = y█\n'), 'automatic');
      assert.deepEqual(await others, []);
      assert.equal(engine.runs[1]?.stopped, true);
    });
  });

  describe('scheduling', () => {
    it('waits for a pause in typing before it asks', async () => {
      const { engine, clock, completer, traces } = setUp();
      const first = completer.complete(parse('x█'), 'automatic');
      await clock.pass(DEBOUNCE - 1);
      const second = completer.complete(parse('x =█'), 'automatic');
      assert.equal(shown(await first), '(superseded)');
      await clock.pass(DEBOUNCE - 1);
      assert.equal(engine.runs.length, 0);
      await clock.pass(1);
      assert.equal(engine.runs.length, 1);
      await engine.last.text(' 1');
      await engine.last.done();
      assert.equal(shown(await second), ' 1');
      assert.equal(traces.at(-1)?.debounceMs, DEBOUNCE);
    });

    it('aborts the older request at once, and asks only when it is over', async () => {
      const { engine, completer } = setUp();
      const first = completer.complete(parse('x = █'), 'explicit');
      await settle();
      const [older] = engine.runs;
      void completer.complete(parse('other = █'), 'explicit');
      assert.equal(older?.signal?.aborted, true);
      assert.equal(shown(await first), '(superseded)');
      await settle();
      assert.equal(engine.runs.length, 2);
      assert.equal(engine.overlapped, false);
    });

    it('leaves only the newest of many calls to the engine', async () => {
      const { engine, completer } = setUp();
      const answers = ['a', 'b', 'c', 'd'].map((name) =>
        completer.complete(parse(`${name} = █`), 'explicit'),
      );
      await settle();
      await settle();
      await engine.last.text('1');
      await engine.last.done();
      const outcomes = await Promise.all(answers);
      assert.deepEqual(outcomes.map(shown), ['(superseded)', '(superseded)', '(superseded)', '1']);
      assert.equal(engine.overlapped, false);
      assert.match(engine.last.prompt, /d = /);
    });

    it('stops a withdrawn generation after a moment', async () => {
      const { engine, clock, completer } = setUp();
      const caller = new AbortController();
      const answer = completer.complete(parse('x = █'), 'explicit', caller.signal);
      await settle();
      caller.abort();
      assert.equal(shown(await answer), '(cancelled)');
      assert.equal(engine.last.signal?.aborted, false);
      await clock.pass(150);
      assert.equal(engine.last.signal?.aborted, true);
    });

    it('reads less where requests are withdrawn again and again before anything is written', async () => {
      const { clock, completer } = setUp({ debounceMs: 0 });
      const withdrawnAfter = async (name: string, ms: number): Promise<void> => {
        const caller = new AbortController();
        const answer = completer.complete(parse(`${name} = █`), 'automatic', caller.signal);
        await settle();
        await clock.pass(ms);
        caller.abort();
        assert.equal(shown(await answer), '(cancelled)');
        await clock.pass(200);
        await settle();
      };
      for (const name of 'abcdefgh') await withdrawnAfter(name, 300);
      assert.equal(completer.pace, 'full');
      for (const name of 'ijkl') await withdrawnAfter(name, 1600);
      assert.equal(completer.pace, 'less-context');
    });

    it('answers at once when it was withdrawn before', async () => {
      const { engine, completer } = setUp();
      const answer = completer.complete(parse('x = █'), 'explicit', AbortSignal.abort());
      assert.equal(shown(await answer), '(cancelled)');
      assert.equal(engine.runs.length, 0);
    });

    it('settles every call when it is disposed of', async () => {
      const { engine, completer } = setUp();
      const running = completer.complete(parse('x = █'), 'explicit');
      await settle();
      completer.dispose();
      assert.equal(shown(await running), '(disposed)');
      assert.equal(engine.last.signal?.aborted, true);
      assert.equal(shown(await completer.complete(parse('x = █'), 'explicit')), '(disposed)');
    });
  });
});
