import assert from 'node:assert/strict';
import { fittingPart, MAX_GUARDED_UNITS, type SyntaxJudge } from '../../../src/completion/syntaxGuard';
import { testSyntax } from '../../support/syntax';
import { parse } from './cursor';

describe('fittingPart', () => {
  const syntax = testSyntax();
  const judge: SyntaxJudge = {
    parses: async (text, languageId) => {
      const problems = await syntax.problems(text, languageId);
      return problems && problems.length === 0;
    },
  };
  const fitting = (
    drawn: string,
    written: string,
    languageId = 'typescript',
  ): Promise<string | undefined> => {
    const { text, offset } = parse(drawn);
    const place = { languageId, before: text.slice(0, offset), after: text.slice(offset) };
    return fittingPart(written, place, judge);
  };
  const within = 'function f(a: number) {\n  const b = a;\n  █\n}\n';

  it('leaves alone what parses', async () => {
    const written = 'if (b > 1) {\n    return b;\n  }';
    assert.equal(await fitting(within, written), written);
  });

  it('cuts whole lines until the document parses', async () => {
    assert.equal(await fitting(within, 'g(b);\n  h(b));\n  i('), 'g(b);');
  });

  it('withholds what breaks it from the first line on', async () => {
    assert.equal(await fitting(within, 'g(b));'), undefined);
    assert.equal(await fitting('x = 1\n█\n', 'y = = 2', 'python'), undefined);
  });

  it('says nothing where the document does not parse anyway, as behind half a line', async () => {
    assert.equal(await fitting('const x = f(█\n', 'a));'), 'a));');
  });

  it('lets a line that opens a block stand at the end', async () => {
    assert.equal(await fitting('a = 1\n█\n', 'for b in c:', 'python'), 'for b in c:');
    assert.equal(await fitting(within, 'for (const c of d) {'), 'for (const c of d) {');
  });

  it('does not judge languages without a grammar, nor long documents', async () => {
    assert.equal(await fitting('█', ')))', 'brainfuck'), ')))');
    assert.equal(await fitting(`${'a();\n'.repeat(MAX_GUARDED_UNITS / 5)}█`, ')))'), ')))');
  });
});
