import assert from 'node:assert/strict';
import { fix, type FixTask } from '../../../../src/assist/commands/fix';
import { NO_CHANGE } from '../../../../src/assist/commands/rewrite';
import { ScriptedEngine } from '../../completion/scriptedEngine';

const STYLE = { insertSpaces: true, tabSize: 4 };
const TASK: FixTask = {
  kind: 'fix',
  instruction: '- "totl" is not defined, in the line `return totl`',
  languageId: 'python',
  code: 'def f(values):\n    total = sum(values)\n    return totl',
  before: 'import os\n',
  after: '\n\nprint(f([1]))\n',
  faultyLine: 2,
};

/** An engine that gives these answers, one after the other. */
function answering(...answers: readonly string[]): ScriptedEngine {
  const engine = new ScriptedEngine();
  engine.answerWith(async (run) => {
    await run.text(answers[engine.runs.length - 1] ?? '');
    await run.done();
  });
  return engine;
}

describe('fixing', () => {
  it('takes changed code as it comes', async () => {
    const engine = answering('def f(values):\n    return sum(values)\n');
    const { read } = await fix(engine, TASK, STYLE);
    assert.deepEqual(read, { kind: 'code', code: 'def f(values):\n    return sum(values)' });
    assert.equal(engine.runs.length, 1);
  });

  it('fills in the faulty line where the code came back unchanged', async () => {
    const engine = answering(`${TASK.code}\n`, 'return total');
    const { read } = await fix(engine, TASK, STYLE);
    assert.deepEqual(read, {
      kind: 'code',
      code: 'def f(values):\n    total = sum(values)\n    return total',
    });
    assert.equal(
      engine.last.prompt,
      '<fim_prefix>import os\n\ndef f(values):\n    total = sum(values)\n    <fim_suffix>\n\nprint(f([1]))\n<fim_middle>',
    );
    assert.deepEqual(engine.last.request.stopStrings, ['\n']);
  });

  it('says that nothing was changed where the line stays what it is, or is not known', async () => {
    const same = await fix(answering(`${TASK.code}\n`, 'return totl'), TASK, STYLE);
    assert.deepEqual(same.read, { kind: 'none', why: NO_CHANGE });
    const { faultyLine, ...unknown } = TASK;
    assert.equal(faultyLine, 2);
    const engine = answering(`${TASK.code}\n`);
    assert.deepEqual((await fix(engine, unknown, STYLE)).read, { kind: 'none', why: NO_CHANGE });
    assert.equal(engine.runs.length, 1);
  });
});
