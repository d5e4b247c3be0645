import assert from 'node:assert/strict';
import { ask } from '../../../../src/assist/ask';
import { answerRoom, fitLines } from '../../../../src/assist/budget';
import {
  documentationQuestion,
  existingDocumentation,
  placeDocumentation,
  readDocumentation,
} from '../../../../src/assist/commands/documentation';
import { commentAt, commentQuestion, readCommentCode } from '../../../../src/assist/commands/fromComment';
import {
  diffOfNewFile,
  filesOfDiff,
  pathOfDiff,
  readCommitMessage,
} from '../../../../src/assist/commands/reading';
import { fenced } from '../../../../src/assist/commands/prompts';
import { CUT_OFF, NO_CHANGE, readRewrite, rewriteQuestion } from '../../../../src/assist/commands/rewrite';
import type { EngineError } from '../../../../src/inference/errors';
import { ScriptedEngine } from '../../completion/scriptedEngine';

const STYLE = { insertSpaces: true, tabSize: 4 };
const whole = (text: string) => ({ text, whole: true, reason: 'stop-token' as const });

describe('ask', () => {
  it('asks in the background and gives the answer with what was put before it', async () => {
    const engine = new ScriptedEngine();
    engine.answerWith(async (run) => {
      await run.prefilled();
      await run.text('a', 'b');
      await run.done();
    });
    const seen: string[] = [];
    const answer = await ask(
      engine,
      { messages: [{ role: 'user', content: 'x' }], prefill: '> ', maxTokens: 5 },
      { onText: (text) => seen.push(text) },
    );
    assert.deepEqual(answer, { text: '> ab', whole: true, reason: 'stop-token' });
    assert.deepEqual(seen, ['> a', '> ab']);
    assert.equal(engine.last.request.priority, 'background');
    assert.equal(engine.last.request.sampling, undefined);
    assert.ok(engine.last.prompt.endsWith('<im_start>assistant\n> '));
  });

  it('ends when it is cancelled', async () => {
    const engine = new ScriptedEngine();
    const controller = new AbortController();
    const asked = ask(engine, { messages: [], maxTokens: 5 }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(asked, (error: EngineError) => error.code === 'aborted');
  });

  it('says that an answer was cut off', async () => {
    const engine = new ScriptedEngine();
    engine.answerWith((run) => run.done('max-tokens'));
    assert.equal((await ask(engine, { messages: [], maxTokens: 5 })).whole, false);
  });
});

describe('the budget', () => {
  it('refuses what leaves no room for an answer', async () => {
    const engine = new ScriptedEngine();
    await assert.rejects(answerRoom(engine, ['x'.repeat(20_000)], 500), /Select less/);
    assert.equal(await answerRoom(engine, ['x'], 500), 500);
  });

  it('keeps whole lines', async () => {
    const engine = new ScriptedEngine();
    const text = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n');
    const end = await fitLines(engine, text, 40, 'end');
    assert.ok(text.endsWith(end) && end.startsWith('line '));
    assert.ok(end.length <= 100);
    assert.ok(text.startsWith(await fitLines(engine, text, 40, 'start')));
  });
});

describe('rewriting', () => {
  const code = '    def f(self):\n        return 1';

  it('puts the code last, and a longer fence around code that has one', async () => {
    const engine = new ScriptedEngine();
    const { messages, prefill } = await rewriteQuestion(engine, {
      kind: 'fix',
      instruction: '- x is not defined',
      languageId: 'python',
      code,
      before: 'import os',
    });
    const asked = messages.at(-1)?.content ?? '';
    assert.ok(asked.endsWith(`\`\`\`python\n${code}\n\`\`\``), asked);
    assert.match(asked, /x is not defined/);
    assert.equal(prefill, '```python\n');
    assert.equal(fenced('```\n', 'python'), '````python\n```\n\n````');
  });

  it('reads the changed code at its place', () => {
    const read = readRewrite(whole('```python\ndef f(self):\n    return 2\n'), code, 'python', STYLE);
    assert.deepEqual(read, { kind: 'code', code: '    def f(self):\n        return 2' });
  });

  it('says why there is nothing to apply', () => {
    const same = readRewrite(whole('```python\ndef f(self):\n    return 1\n'), code, 'python', STYLE);
    assert.deepEqual(same, { kind: 'none', why: NO_CHANGE });
    const cut = readRewrite(
      { text: '```python\nde', whole: false, reason: 'max-tokens' },
      code,
      'python',
      STYLE,
    );
    assert.deepEqual(cut, { kind: 'none', why: CUT_OFF });
  });
});

describe('documentation', () => {
  it('is a docstring below the signature in Python', async () => {
    const task = { languageId: 'python', name: 'f', code: 'def f(a):\n    return a', signature: 'def f(a):' };
    const engine = new ScriptedEngine();
    const { prefill = '', stopStrings } = await documentationQuestion(engine, task);
    assert.ok(prefill.endsWith('def f(a):\n    """'));
    assert.ok(stopStrings?.includes('"""'));
    const text = readDocumentation(whole(`${prefill}Return it.\n\n    Args:\n        a: what\n    `), task);
    assert.deepEqual(text, ['Return it.', '', 'Args:', '    a: what']);
    assert.deepEqual(placeDocumentation(text ?? [], 'python', { indent: '' }, STYLE), [
      '    """Return it.',
      '',
      '    Args:',
      '        a: what',
      '    """',
    ]);
  });

  it('is a block above the declaration in TypeScript', async () => {
    const task = { languageId: 'typescript', name: 'f', code: 'function f() {}', signature: 'function f()' };
    const { prefill = '' } = await documentationQuestion(new ScriptedEngine(), task);
    const text = readDocumentation(whole(`${prefill}Does it.\n * @returns nothing\n `), task) ?? [];
    assert.deepEqual(placeDocumentation(text, 'typescript', { indent: '  ' }, STYLE), [
      '  /**',
      '   * Does it.',
      '   * @returns nothing',
      '   */',
    ]);
  });

  it('begins with the name in Go', async () => {
    const task = { languageId: 'go', name: 'F', code: 'func F() {}', signature: 'func F()' };
    const { prefill = '' } = await documentationQuestion(new ScriptedEngine(), task);
    const text = readDocumentation(whole(`${prefill}does it.\n// Twice.`), task) ?? [];
    assert.deepEqual(placeDocumentation(text, 'go', { indent: '' }, STYLE), ['// F does it.', '// Twice.']);
  });

  it('replaces the comment that is there', () => {
    const python = ['def f():', '    """Old', '    one."""', '    pass'];
    assert.deepEqual(existingDocumentation(python, 'python', { line: 0, bodyLine: 1 }), [1, 3]);
    const script = ['x', '/**', ' * Old.', ' */', 'function f() {}'];
    assert.deepEqual(existingDocumentation(script, 'typescript', { line: 4, bodyLine: 4 }), [1, 4]);
    assert.deepEqual(
      existingDocumentation(['def f():', '    pass'], 'python', { line: 0, bodyLine: 1 }),
      [1, 1],
    );
  });
});

describe('code from a comment', () => {
  it('finds the comment at the cursor or above it', () => {
    const lines = ['x = 1', '# add two', '# numbers', '', 'y'];
    assert.deepEqual(commentAt(lines, 1), { start: 1, end: 2 });
    assert.deepEqual(commentAt(lines, 3), { start: 1, end: 2 });
    assert.equal(commentAt(lines, 0), undefined);
  });

  it('goes below it, at its indentation', async () => {
    const task = {
      languageId: 'python',
      comment: '    # return the sum',
      before: 'def add(a, b):',
      after: '',
    };
    const { prefill = '' } = await commentQuestion(new ScriptedEngine(), task);
    const read = readCommentCode(whole(`${prefill}    return a + b`), task, STYLE);
    assert.deepEqual(read, { kind: 'code', code: '    return a + b' });
  });
});

describe('a commit message', () => {
  for (const [answer, message] of [
    ['Add a cart', 'Add a cart'],
    ['"Add a cart."', 'Add a cart'],
    ['```\nAdd a cart\n```', 'Add a cart'],
    ['Subject: Add a cart', 'Add a cart'],
    ['Here is the message:\n\nAdd a cart', 'Add a cart'],
    [`Add ${'very '.repeat(30)}much`, `Add ${'very '.repeat(13).trim()}…`],
    ['', undefined],
  ] as const) {
    it(`is read from ${JSON.stringify(answer.slice(0, 40))}`, () => {
      assert.equal(readCommitMessage(whole(answer)), message);
    });
  }

  it('sees every file of a diff', () => {
    const diff = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n+1\ndiff --git a/y b/y\n--- a/y\n+++ b/y\n+2\n';
    assert.deepEqual(filesOfDiff(diff).map(pathOfDiff), ['x', 'y']);
  });

  it('takes a file that is not tracked for one whose lines are all new', () => {
    const diff = diffOfNewFile('src/a.py', 'a = 1\r\n\r\nb = 2\r\n');
    assert.deepEqual(filesOfDiff(diff).map(pathOfDiff), ['src/a.py']);
    assert.ok(diff.endsWith('\n@@ -0,0 +1,3 @@\n+a = 1\n+\n+b = 2'), diff);
  });
});
