import assert from 'node:assert/strict';
import { DEFAULT_COMPLETER_OPTIONS } from '../../../src/completion/completer';
import { EngineError } from '../../../src/inference/errors';
import { DEBOUNCE, setUp, shown } from './completerSetUp';
import { parse } from './cursor';
import { settle } from './scriptedEngine';

describe('Completer, typing along', () => {
  it('continues a generation that agrees with what is typed', async () => {
    const { engine, completer, traces } = setUp();
    const first = completer.complete(parse('x = █\n'), 'explicit');
    await settle();
    await engine.last.prefilled();
    await engine.last.text('foo');
    const second = completer.complete(parse('x = fo█\n'), 'automatic');
    assert.equal(shown(await first), '(superseded)');
    await engine.last.text('(bar', ')');
    await engine.last.done();
    assert.equal(shown(await second), 'o(bar)');
    assert.equal(engine.runs.length, 1);
    assert.equal(traces.at(-1)?.adopted, true);
    assert.equal(traces.at(-1)?.debounceMs, 0);
  });

  it('continues it also when the editor withdrew the call in between', async () => {
    const { engine, clock, completer } = setUp();
    const caller = new AbortController();
    void completer.complete(parse('x = █\n'), 'explicit', caller.signal);
    await settle();
    await engine.last.prefilled();
    await engine.last.text('foo');
    caller.abort();
    await settle();
    await clock.pass(100);
    const second = completer.complete(parse('x = f█\n'), 'automatic');
    await clock.pass(100);
    await engine.last.text('()');
    await engine.last.done();
    assert.equal(shown(await second), 'oo()');
    assert.equal(engine.runs.length, 1);
  });

  it('goes on waiting when typing runs ahead of the engine', async () => {
    const { engine, completer } = setUp();
    void completer.complete(parse('x = █\n'), 'explicit');
    await settle();
    await engine.last.prefilled();
    await engine.last.text('fo');
    const second = completer.complete(parse('x = foob█\n'), 'automatic');
    await engine.last.text('oba', 'r()');
    await engine.last.done();
    assert.equal(engine.runs.length, 1);
    assert.equal(shown(await second), 'ar()');
  });

  it('starts anew without a pause when the text goes another way later', async () => {
    const { engine, completer } = setUp();
    void completer.complete(parse('x = █\n'), 'explicit');
    await settle();
    await engine.last.prefilled();
    await engine.last.text('fo');
    const second = completer.complete(parse('x = foob█\n'), 'automatic');
    await engine.last.text('olish');
    await settle();
    assert.equal(engine.runs[0]?.stopped, true);
    assert.equal(engine.runs.length, 2);
    await engine.last.text('ar()');
    await engine.last.done();
    assert.equal(shown(await second), 'ar()');
    assert.equal(engine.overlapped, false);
  });

  it('aborts at once when what is typed is something else', async () => {
    const { engine, clock, completer } = setUp();
    void completer.complete(parse('x = █\n'), 'explicit');
    await settle();
    await engine.last.prefilled();
    await engine.last.text('foo');
    void completer.complete(parse('x = ba█\n'), 'automatic');
    assert.equal(engine.last.signal?.aborted, true);
    await clock.pass(DEBOUNCE);
    assert.equal(engine.runs.length, 2);
  });

  it('starts anew while the prompt is still being evaluated', async () => {
    const { engine, completer } = setUp();
    void completer.complete(parse('x = █\n'), 'explicit');
    await settle();
    void completer.complete(parse('x = f█\n'), 'automatic');
    assert.equal(engine.last.signal?.aborted, true);
  });

  it('needs no request while a finished suggestion is typed, nor after Backspace', async () => {
    const { engine, completer, traces } = setUp();
    engine.answerWith(async (run) => {
      await run.text('foo(bar)');
      await run.done();
    });
    await completer.complete(parse('x = █\n'), 'explicit');
    const along = await completer.complete(parse('x = foo█\n'), 'automatic');
    assert.equal(along.kind === 'suggestion' && along.source, 'typed-along');
    assert.equal(shown(along), '(bar)');
    const closed = await completer.complete(parse('x = foo(█)\n'), 'automatic');
    assert.deepEqual(closed.kind === 'suggestion' && [closed.text, closed.range], [
      'bar)',
      { start: 8, end: 9 },
    ]);
    const back = await completer.complete(parse('x = █\n'), 'automatic');
    assert.equal(back.kind === 'suggestion' && back.source, 'cache');
    assert.equal(engine.runs.length, 1);
    assert.equal(traces.at(-1)?.debounceMs, 0);
  });

  it('remembers a result that nobody waited for any more', async () => {
    const { engine, completer } = setUp();
    const caller = new AbortController();
    void completer.complete(parse('x = █\n'), 'explicit', caller.signal);
    await settle();
    caller.abort();
    await engine.last.text('foo()');
    await engine.last.done();
    assert.equal(shown(await completer.complete(parse('x = f█\n'), 'automatic')), 'oo()');
  });

  it('asks again for an empty place only by hand', async () => {
    const { engine, completer } = setUp({ debounceMs: 0 });
    engine.answerWith((run) => run.done());
    await completer.complete(parse('x = 1█\n'), 'automatic');
    assert.equal(shown(await completer.complete(parse('x = 1█\n'), 'automatic')), '(empty)');
    assert.equal(engine.runs.length, 1);
    await completer.complete(parse('x = 1█\n'), 'explicit');
    assert.equal(engine.runs.length, 2);
  });

  it('keeps what it knows when it is given the same options again', async () => {
    const { engine, completer } = setUp();
    engine.answerWith(async (run) => {
      await run.text('1');
      await run.done();
    });
    completer.setOptions({ ...DEFAULT_COMPLETER_OPTIONS });
    await completer.complete(parse('x = █'), 'explicit');
    completer.setOptions({ ...DEFAULT_COMPLETER_OPTIONS });
    await completer.complete(parse('x = █'), 'explicit');
    assert.equal(engine.runs.length, 1);
  });

  it('forgets what it knew when the options change', async () => {
    const { engine, completer } = setUp();
    engine.answerWith(async (run) => {
      await run.text('1');
      await run.done();
    });
    await completer.complete(parse('x = █'), 'explicit');
    completer.setOptions({ ...DEFAULT_COMPLETER_OPTIONS, maxNewTokens: 7 });
    await completer.complete(parse('x = █'), 'explicit');
    assert.equal(engine.last.request.maxTokens, 7);
  });

  it('takes a line that the editor has indented with tabs for the suggested one', async () => {
    const { engine, completer } = setUp();
    const answer = completer.complete(parse('if a:█\n'), 'explicit');
    await settle();
    await engine.last.text('\n    f()\n        .g()\n    h()');
    await engine.last.done();
    assert.equal(shown(await answer), '\n    f()\n        .g()\n    h()');
    const typed = await completer.complete(parse('if a:\n\tf█\n'), 'automatic');
    assert.equal(shown(typed), '()\n\t\t.g()\n\th()');
    assert.equal(engine.runs.length, 1);
  });

  describe('a block whose closing bracket the editor has put in', () => {
    const answered = async (at: string, text: string): Promise<ReturnType<typeof setUp>> => {
      const parts = setUp();
      parts.engine.answerWith(async (run) => {
        await run.text(text);
        await run.done();
      });
      await parts.completer.complete(parse(at), 'explicit');
      return parts;
    };
    const LOOP = 'for (const n of names) {\n    log(n, 1);\n    send(n);\n  }\n  done();';
    const IF = 'if a {\n  if b {\n    f()\n  }\n  g()\n}';
    const CASES: readonly (readonly [string, string, string, string, number, string])[] = [
      [
        'before Enter',
        LOOP,
        '  █\n}',
        '  for (const n of names) {█}\n}',
        0,
        '\n    log(n, 1);\n    send(n);\n  ',
      ],
      [
        'behind Enter',
        LOOP,
        '  █\n}',
        '  for (const n of names) {\n    █\n  }\n}',
        0,
        'log(n, 1);\n    send(n);',
      ],
      [
        'and another on the line',
        LOOP,
        '  █\n}',
        '  for (const n of names) {\n    log(n█)\n  }\n}',
        1,
        ', 1);\n    send(n);',
      ],
      [
        'and lines typed in it',
        LOOP,
        '  █\n}',
        '  for (const n of names) {\n    log(n, 1);\n    se█\n  }\n}',
        0,
        'nd(n);',
      ],
      ['twice', IF, '█\n', 'if a {\n  if b {\n    █\n  }\n}\n', 0, 'f()'],
      ['twice, before Enter', IF, '█\n', 'if a {\n  if b {█}\n}\n', 0, '\n    f()\n  '],
      [
        'with what comes behind the inner one',
        IF,
        '█\n',
        'if a {\n  if b {\n    f()\n  }\n  █\n}\n',
        0,
        'g()',
      ],
      ['of which only the beginning was written', 'if a {\n  f()', '█\n', 'if a {\n  █\n}\n', 0, 'f()'],
    ];
    for (const [title, text, at, typed, replaced, rest] of CASES) {
      it(title, async () => {
        const { completer, engine } = await answered(at, text);
        const now = parse(typed);
        const along = await completer.complete(now, 'automatic');
        assert.ok(along.kind === 'suggestion', JSON.stringify(along));
        assert.equal(along.text, rest);
        assert.deepEqual(along.range, { start: now.offset, end: now.offset + replaced });
        assert.equal(along.source, 'typed-along');
        assert.equal(engine.runs.length, 1);
      });
    }

    it('is asked for anew where something else stands behind the cursor', async () => {
      const { completer, engine, clock } = await answered('█\n', 'if a {\n  f()\n}');
      void completer.complete(parse('if a {\n  █\n  )\n'), 'automatic');
      await clock.pass(DEBOUNCE);
      assert.equal(engine.runs.length, 2);
    });

    it('has nothing left once all in it is typed', async () => {
      const { completer, engine, clock } = await answered('█\n', 'if a {\n  f()\n}');
      void completer.complete(parse('if a {\n  f()█\n}\n'), 'automatic');
      await clock.pass(DEBOUNCE);
      assert.equal(engine.runs.length, 2);
    });
  });

  it('does not take a line in another column for it', async () => {
    const { engine, clock, completer } = setUp();
    const answer = completer.complete(parse('if a:█\n'), 'explicit');
    await settle();
    await engine.last.text('\n    f()');
    await engine.last.done();
    await answer;
    void completer.complete(parse('if a:\n\t\t█\n'), 'automatic');
    await clock.pass(DEBOUNCE);
    assert.equal(engine.runs.length, 2);
  });

  describe('while it is being read', () => {
    const asked = parse('a = █\n');
    const accepted = parse('a = f(1)█\n');
    /** A suggestion has just been shown. */
    const reading = async (): Promise<ReturnType<typeof setUp>> => {
      const parts = setUp({ ahead: true });
      const answer = parts.completer.complete(asked, 'explicit');
      await settle();
      await parts.engine.last.text('f(1)');
      await parts.engine.last.done();
      assert.equal(shown(await answer), 'f(1)');
      return parts;
    };

    it('writes what comes next, which is there when the suggestion is accepted', async () => {
      const { engine, clock, completer } = await reading();
      await clock.pass(199);
      assert.equal(engine.runs.length, 1);
      await clock.pass(1);
      assert.equal(engine.runs.length, 2);
      assert.equal(engine.last.prompt, '<fim_prefix>a = f(1)<fim_suffix>\n<fim_middle>');
      await engine.last.prefilled();
      await engine.last.text('\nb', ' = 2');
      const next = completer.complete(accepted, 'automatic');
      await settle();
      await engine.last.done();
      assert.equal(shown(await next), '\nb = 2');
      assert.equal(engine.runs.length, 2);
    });

    it('goes on while it is typed along, and stops when something else is typed', async () => {
      const { engine, clock, completer } = await reading();
      await clock.pass(200);
      assert.equal(engine.runs.length, 2);
      assert.equal(shown(await completer.complete(parse('a = f(█\n'), 'automatic')), '1)');
      assert.equal(engine.last.stopped, false);
      void completer.complete(parse('a = f(x█\n'), 'automatic');
      await settle();
      assert.equal(engine.last.stopped, true);
    });

    it('is asked for anew by who accepts, where the engine has given it up for another request', async () => {
      const { engine, clock, completer } = await reading();
      await clock.pass(200);
      assert.deepEqual(
        engine.runs.map(({ request }) => request.speculative ?? false),
        [false, true],
      );
      await engine.last.prefilled();
      const next = completer.complete(accepted, 'automatic', undefined, { atOnce: true });
      await settle();
      await engine.last.fail(new EngineError('aborted', 'given up'));
      await settle();
      assert.equal(engine.runs.length, 3);
      assert.equal(engine.last.request.speculative ?? false, false);
      await engine.last.text('\nb = 2');
      await engine.last.done();
      assert.equal(shown(await next), '\nb = 2');
    });

    it('does not once the completer has been disposed of', async () => {
      const { engine, clock, completer } = await reading();
      completer.dispose();
      await clock.pass(1000);
      assert.equal(engine.runs.length, 1);
    });
  });
});
