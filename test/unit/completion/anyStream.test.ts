import assert from 'node:assert/strict';
import fc from 'fast-check';
import { setUp } from './completerSetUp';
import { parse } from './cursor';

describe('Completer, whatever the engine writes', () => {
  const piece = fc.constantFrom(
    ...[
      'a',
      'foo',
      ' ',
      '\n',
      '    ',
      '(',
      ')',
      '"',
      '}',
      '{',
      ':',
      '<|fim_middle|>',
      '<|',
      'fim_',
      '|>',
      '\t',
    ],
    ...[
      'print(total)',
      'return',
      'end',
      '```',
      'x = 1\n',
      '😀',
      '<|endoftext|>',
      '\n\n',
      '# Test the function\n',
    ],
  );
  const document = fc.constantFrom(
    'x = █\nprint(total)\n',
    'def f(a):\n    █\n\nprint(total)\n',
    'foo(█)\n',
    'function f() {\r\n    █\r\n}\r\n',
    "x = 'é😀█'\n",
  );

  it('shows nothing spelled, no blanks at the end, and a range on the cursor’s line', async () => {
    const reasons = fc.constantFrom('stop-token' as const, 'max-tokens' as const);
    await fc.assert(
      fc.asyncProperty(document, fc.array(piece, { maxLength: 20 }), reasons, async (at, pieces, reason) => {
        const { engine, completer } = setUp();
        engine.answerWith(async (run) => {
          await run.prefilled();
          for (const text of pieces) if (!run.over) await run.text(text);
          if (!run.over) await run.done(reason);
        });
        const snapshot = parse(at);
        const outcome = await completer.complete(snapshot, 'explicit');
        if (outcome.kind === 'none') {
          assert.ok(outcome.reason === 'empty' || outcome.reason === 'only-repeats', outcome.reason);
          return;
        }
        const { text, range } = outcome;
        assert.doesNotMatch(text, /<\|(?:fim_middle|endoftext)\|>/);
        assert.equal(text, text.trimEnd());
        assert.notEqual(text, '');
        assert.ok(range.start <= snapshot.offset && snapshot.offset <= range.end);
        assert.doesNotMatch(snapshot.text.slice(range.start, range.end), /[\r\n]/);
        if (snapshot.text.includes('\r\n')) assert.doesNotMatch(text, /(?<!\r)\n/);
      }),
      { numRuns: 150 },
    );
  });
});
