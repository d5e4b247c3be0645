import assert from 'node:assert/strict';
import { contextTable, onlyIn } from '../../../bench/completion/context/contextReport';
import { CONTEXT_VARIANTS, linesOf, measureContext } from '../../../bench/completion/context/measureContext';
import { contextOf } from '../../../bench/completion/context/packageContext';
import { taskOf, type SourceFile } from '../../../bench/completion/replay/sources';
import { testSyntax } from '../../../support/syntax';
import { ScriptedEngine } from '../../completion/scriptedEngine';

const BODY = Array.from({ length: 40 }, (_, at) => `    rate_${at} = tax(rate, ${at})\n\n`).join('');
const SHOP: SourceFile = {
  ...{ languageId: 'python', packageName: 'shop', path: 'shop/prices.py' },
  text: `from .taxes import Rate, tax\n\n\ndef total(rate: Rate):\n${BODY}    return rate_0\n`,
};
const TAXES: SourceFile = {
  ...{ languageId: 'python', packageName: 'shop', path: 'shop/taxes.py' },
  text: 'class Rate:\n    value: float\n\n\ndef tax(rate, net):\n    return rate.value * net\n\n\ndef unused():\n    pass\n',
};
const source = taskOf(SHOP, [SHOP, TAXES]);

describe('benchmark of completion: context', () => {
  it('asks for each line at its beginning, with nothing of it and of those that follow', () => {
    const lines = linesOf(source);
    assert.ok(lines.length > 5);
    for (const { snapshot, rest } of lines) {
      const { text, offset } = snapshot;
      assert.match(text.slice(0, offset), /(?:^|\n) {4}$/);
      assert.equal(text, text.slice(0, offset) + source.hole.after);
      assert.equal(text.slice(0, offset) + rest + source.hole.after, SHOP.text);
    }
  });

  it('shows declarations of what is imported and of the types around the cursor', async () => {
    const [line] = linesOf(source);
    assert.ok(line);
    const of = async (on: readonly string[]): Promise<string[]> => {
      const switches = {
        ...{ path: true, imports: on.includes('imports'), signature: on.includes('signature') },
        ...{ open: false, visited: false, changed: false, 'recent-edit': false, diagnostic: false },
      };
      const { chunks } = await contextOf(source, [SHOP, TAXES], line.snapshot, switches, testSyntax());
      return chunks.map(({ path, name }) => `${path} ${name}`);
    };
    assert.deepEqual(await of([]), []);
    assert.deepEqual(await of(['imports']), ['shop/taxes.py Rate', 'shop/taxes.py tax']);
    assert.deepEqual(await of(['signature']), ['shop/taxes.py Rate']);
  });

  it('counts the lines that are right, for every variant', async () => {
    const engine = new ScriptedEngine();
    engine.answerWith(async (run) => {
      await run.prefilled();
      // It knows the line only where it is shown what is imported.
      const knows = run.prompt.includes('def tax');
      const next = /rate_(\d+) = tax\(rate, \d+\)\n\n {4}<fim_suffix>/.exec(run.prompt)?.[1] ?? '-1';
      const number = Number(next) + 1;
      await run.text(knows ? `rate_${number} = tax(rate, ${number})` : 'pass', '\n');
      await run.done();
    });
    const tasks = [{ source, files: [SHOP, TAXES] }];
    const measured = await measureContext(tasks, engine, testSyntax(), () => undefined);
    assert.deepEqual(
      measured.map(({ variant }) => variant),
      CONTEXT_VARIANTS,
    );
    const of = (name: string) => measured.find(({ variant }) => variant.name === name)?.lines ?? [];
    assert.ok(onlyIn(of('path, imports'), of('nothing')) > 3);
    assert.equal(onlyIn(of('nothing'), of('path, imports')), 0);
    assert.match(contextTable(measured), /\| nothing \| 0\.0 % \|/);
  });
});
