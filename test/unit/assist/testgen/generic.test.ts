import assert from 'node:assert/strict';
import type { ProjectFacts } from '../../../../src/assist/testgen/framework';
import { generateGenericTests } from '../../../../src/assist/testgen/generic';
import { genericPlan } from '../../../../src/assist/testgen/genericPlan';
import { testSyntax } from '../../../support/syntax';
import { ScriptedEngine } from '../../completion/scriptedEngine';
import type { FinishReason } from '../../../../src/inference/engine';

function project(
  manifests: Readonly<Record<string, string>>,
  tests: Readonly<Record<string, string>> = {},
  files: readonly string[] = [],
): ProjectFacts {
  return {
    manifests: new Map(Object.entries(manifests)),
    tests: Object.entries(tests).map(([path, text]) => ({ path, text })),
    files: new Set([...Object.keys(manifests), ...Object.keys(tests), ...files]),
  };
}

function answering(text: string, reason: FinishReason = 'stop-token'): ScriptedEngine {
  const engine = new ScriptedEngine();
  engine.answerWith(async (run) => {
    await run.text(text);
    await run.done(reason);
  });
  return engine;
}

describe('tests in a language without a dialect', () => {
  const cases: [language: string, source: string, facts: ProjectFacts, framework: string, path: string][] = [
    ['ruby', 'lib/cart.rb', project({ Gemfile: "gem 'rspec'" }), 'RSpec', 'spec/cart_spec.rb'],
    ['ruby', 'lib/cart.rb', project({}), 'Minitest', 'test/cart_test.rb'],
    [
      'ruby',
      'app/models/cart.rb',
      project({}, { 'spec/models/user_spec.rb': "require 'spec_helper'" }),
      'RSpec',
      'spec/models/cart_spec.rb',
    ],
    [
      'php',
      'src/Cart.php',
      project({ 'composer.json': '"phpunit/phpunit"' }),
      'PHPUnit',
      'tests/CartTest.php',
    ],
    ['php', 'src/Cart.php', project({ 'composer.json': '"pestphp/pest"' }), 'Pest', 'tests/CartTest.php'],
    ['csharp', 'Shop/Cart.cs', project({ 'T.csproj': 'Include="NUnit"' }), 'NUnit', 'Shop/CartTests.cs'],
    [
      'csharp',
      'Shop/Cart.cs',
      project({ 'T.csproj': 'Include="xunit"' }, { 'Shop.Tests/UserTests.cs': 'using Xunit;' }),
      'xUnit',
      'Shop.Tests/CartTests.cs',
    ],
    [
      'cpp',
      'src/cart.cpp',
      project({ 'CMakeLists.txt': 'find_package(Catch2)' }),
      'Catch2',
      'src/cart_test.cpp',
    ],
    ['cpp', 'src/cart.cpp', project({ 'CMakeLists.txt': 'GTest::gtest' }), 'GoogleTest', 'src/cart_test.cpp'],
    [
      'cpp',
      'src/cart.cpp',
      project({}, { 'tests/test_user.cpp': '#include <doctest/doctest.h>' }),
      'doctest',
      'tests/test_cart.cpp',
    ],
    [
      'kotlin',
      'src/main/kotlin/p/Cart.kt',
      project({ 'build.gradle.kts': 'io.kotest' }),
      'Kotest',
      'src/test/kotlin/p/CartTest.kt',
    ],
    ['shellscript', 'bin/cart.sh', project({}), 'Bats', 'test/cart.bats'],
    ['shellscript', 'cart.sh', project({}, { 'test_user.sh': '. shunit2' }), 'shUnit2', 'test_cart.sh'],
    ['cobol', 'cart.cbl', project({}), 'the usual test framework of cobol', 'cart_test.cbl'],
    ['ruby', 'lib/cart.rb', project({}, {}, ['test/cart_test.rb']), 'Minitest', 'test/cart2_test.rb'],
  ];
  for (const [language, source, facts, framework, path] of cases) {
    it(`are for ${framework} in ${path}`, () => {
      const plan = genericPlan(language, source, facts);
      assert.deepEqual([plan.framework, plan.path], [framework, path]);
    });
  }

  const syntax = testSyntax();
  const subject = {
    languageId: 'ruby',
    path: 'lib/cart.rb',
    title: 'total',
    name: 'total',
    code: 'def total\nend',
  };
  const test = { 'spec/user_spec.rb': "require 'spec_helper'\n\ndescribe User do\nend" };
  const plan = genericPlan('ruby', 'lib/cart.rb', project({ Gemfile: "gem 'rspec'" }, test));
  const spec = "describe 'total' do\n  it 'is 0' do\n    expect(total).to eq(0)\n  end\nend";

  it('follow the nearest test, name the framework, and are checked by the grammar', async () => {
    const engine = answering(`${spec}\n`);
    const read = await generateGenericTests({ engine, syntax }, subject, plan);
    assert.deepEqual(read, { kind: 'file', text: `${spec}\n`, checked: true });
    assert.match(engine.last.prompt, /spec\/user_spec\.rb[\s\S]*describe User do[\s\S]*RSpec/);
  });

  it('are no proposal where they do not parse, use something else, or are no code', async () => {
    const why = async (answer: string): Promise<string> => {
      const read = await generateGenericTests({ engine: answering(answer), syntax }, subject, plan);
      return read.kind === 'none' ? read.why : read.text;
    };
    assert.equal(await why('describe total do\n  it (\nend'), 'it does not parse');
    assert.match(await why("describe 'x' do\nend"), /does not use total/);
    assert.match(await why(''), /no code/);
  });

  it('are cut back to the last whole test where the answer ended too early', async () => {
    const engine = answering(
      `${spec.replace(/\nend$/, '')}\n\n  it 'is more' do\n    expect(total(`,
      'max-tokens',
    );
    const read = await generateGenericTests({ engine, syntax }, subject, plan);
    assert.deepEqual(read, { kind: 'file', text: `${spec}\n`, checked: true });
  });
});
