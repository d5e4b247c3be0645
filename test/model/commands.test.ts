/** What the real weights make of the commands' prompts. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from '../../src/assist/ask';
import { commitQuestion, readCommitMessage } from '../../src/assist/commands/reading';
import { readRewrite, rewriteQuestion } from '../../src/assist/commands/rewrite';
import { detectFramework } from '../../src/assist/testgen/framework';
import { generateGenericTests } from '../../src/assist/testgen/generic';
import { genericPlan } from '../../src/assist/testgen/genericPlan';
import { generateTests } from '../../src/assist/testgen/generate';
import { subjectOf } from '../../src/assist/testgen/subject';
import { testTarget } from '../../src/assist/testgen/target';
import { verifyTests } from '../../src/assist/testgen/verify';
import { runTests } from '../../src/extension/testgen/runTests';
import type { Engine } from '../../src/inference/engine';
import { realEngine } from '../support/realEngine';
import { testSyntax } from '../support/syntax';
import { testModelPath } from '../support/testModel';
import { SAMPLES } from '../support/testgenSamples';

const STYLE = { insertSpaces: true, tabSize: 4 };

describe('commands with the real model', function () {
  this.timeout(300_000);
  const syntax = testSyntax();
  let engine: Engine;

  before(() => void (engine = realEngine(testModelPath())));
  after(() => engine.dispose());

  it('fix a name that is not defined', async () => {
    const code = 'def area(width, height):\n    return widht * height';
    const task = {
      kind: 'fix' as const,
      instruction: '- "widht" is not defined, in the line `return widht * height`',
      languageId: 'python',
      code,
      before: '',
    };
    const answer = await ask(engine, await rewriteQuestion(engine, task));
    const read = readRewrite(answer, code, 'python', STYLE);
    assert.deepEqual(read, { kind: 'code', code: 'def area(width, height):\n    return width * height' });
  });

  it('write a subject line for a change', async () => {
    const diff =
      'diff --git a/cart.py b/cart.py\n--- a/cart.py\n+++ b/cart.py\n@@ -1,2 +1,4 @@\n def total(prices):\n+    if not prices:\n+        return 0\n     return sum(prices)\n';
    const message = readCommitMessage(await ask(engine, await commitQuestion(engine, diff)));
    assert.ok(message !== undefined && message.length >= 10 && message.length <= 72, message);
  });

  it('write tests in a language that nothing is known of, after the nearest test', async () => {
    const source =
      'class Cart\n  def initialize\n    @prices = []\n  end\n\n  def add(price)\n    @prices << price\n  end\n\n  def total\n    @prices.sum\n  end\nend\n';
    const example =
      "require_relative '../lib/user'\n\nRSpec.describe User do\n  it 'greets by name' do\n    expect(User.new('Ada').greeting).to eq('Hello, Ada')\n  end\nend\n";
    const facts = {
      manifests: new Map([['Gemfile', "gem 'rspec'\n"]]),
      tests: [{ path: 'spec/user_spec.rb', text: example }],
      files: new Set(['lib/cart.rb', 'spec/user_spec.rb']),
    };
    const plan = genericPlan('ruby', 'lib/cart.rb', facts);
    const subject = { languageId: 'ruby', path: 'lib/cart.rb', title: 'Cart', name: 'Cart', code: source };
    const written = await generateGenericTests({ engine, syntax }, subject, plan);
    assert.ok(written.kind === 'file', JSON.stringify(written));
    assert.ok(written.checked);
    assert.match(written.text, /describe Cart do[\s\S]*expect\([\s\S]*\bend\n$/);
    assert.match(written.text, /require_relative '\.\.\/lib\/cart'/);
  });

  it('write tests of which most run', async () => {
    const sample = SAMPLES.find(({ symbol }) => symbol === 'chunk');
    assert.ok(sample);
    const { languageId, path, text, manifests = {} } = sample;
    const root = await mkdtemp(join(tmpdir(), 'qwen-coder-model-'));
    for (const [name, content] of Object.entries({ ...manifests, [path]: text }))
      await writeFile(join(root, name), content);
    const facts = { manifests: new Map(Object.entries(manifests)), tests: [], files: new Set([path]) };
    const framework = detectFramework(languageId, path, facts);
    const target = testTarget({ languageId, path, text }, framework, facts);
    const all = (await syntax.symbols(text, languageId)) ?? [];
    const [symbol] = all;
    assert.ok(symbol);
    const subject = subjectOf(symbol, all, text, languageId, framework, target);
    const context = { engine, syntax, existing: '' };
    const { parts } = await generateTests(context, subject);
    const { signal } = new AbortController();
    const verified = await verifyTests(context, subject, parts, (fileText) =>
      runTests({ framework: framework.id, root, path: target.path, text: fileText }, signal),
    );
    await rm(root, { recursive: true });
    assert.equal(verified.notRun, undefined);
    assert.ok(verified.results.length >= 2, JSON.stringify(verified));
    assert.ok(verified.results.length >= verified.dropped.length, JSON.stringify(verified));
  });
});
