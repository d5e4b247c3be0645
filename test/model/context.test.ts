/** Whether context helps the real model: calls of functions that stand in another open file, with and without it. */
import assert from 'node:assert/strict';
import { systemClock } from '../../src/completion/clock';
import { Completer, DEFAULT_COMPLETER_OPTIONS } from '../../src/completion/completer';
import type { ContextFile } from '../../src/completion/context/contextChunk';
import { ContextKeeper } from '../../src/completion/context/contextKeeper';
import type { Engine } from '../../src/inference/engine';
import { realEngine } from '../support/realEngine';
import { testModelPath } from '../support/testModel';
import { ALL_ON } from '../unit/completion/context/helpers';
import { parse } from '../unit/completion/cursor';

interface Case {
  readonly what: string;
  readonly path: string;
  readonly languageId: string;
  readonly other: { readonly path: string; readonly text: string };
  readonly drawn: string;
  /** What only somebody who knows the other file can write. */
  readonly right: RegExp;
}

const CASES: readonly Case[] = [
  {
    what: 'keyword arguments in Python',
    path: 'shop/main.py',
    languageId: 'python',
    other: {
      path: 'shop/billing.py',
      text: `"""Invoices."""\nfrom datetime import date, timedelta\n\n\ndef issue_invoice(recipient, net_cents, *, grace_days=30, reverse_charge=False):\n    """Creates an invoice that is due after the days of grace."""\n    due = date.today() + timedelta(days=grace_days)\n    rate = 0 if reverse_charge else 19\n    return {"recipient": recipient, "gross": net_cents * (100 + rate) // 100, "due": due}\n`,
    },
    drawn: `from shop.billing import issue_invoice\n\n\ndef bill_with_two_weeks(customer, order):\n    # Two weeks of grace, reverse charge for customers abroad.\n    return issue_invoice(customer, order.net_cents, █\n`,
    right: /^grace_days=14, reverse_charge=/,
  },
];

describe('context with the real model', function () {
  this.timeout(300_000);
  let engine: Engine;
  before(() => void (engine = realEngine(testModelPath())));
  after(() => engine.dispose());

  const suggest = async (one: Case, withContext: boolean): Promise<string> => {
    const uri = `file:///${one.path}`;
    const snapshot = parse(one.drawn, { uri, languageId: one.languageId });
    const keeper = new ContextKeeper();
    const { path, text } = one.other;
    const file: ContextFile = { source: 'open', uri: `file:///${path}`, path, text };
    keeper.refresh({
      snapshot,
      path: one.path,
      repository: 'shop',
      chunks: [],
      files: withContext ? [file] : [],
      switches: ALL_ON,
      maxTokens: 1000,
      window: { prefixTokens: 1024, suffixTokens: 128 },
    });
    assert.equal(keeper.chunks(uri).length, withContext ? 1 : 0);
    const completer = new Completer(engine, DEFAULT_COMPLETER_OPTIONS, systemClock(), undefined, keeper);
    try {
      const outcome = await completer.complete(snapshot, 'explicit');
      return outcome.kind === 'suggestion' ? outcome.text : `(${outcome.reason})`;
    } finally {
      completer.dispose();
    }
  };

  for (const one of CASES) {
    it(`gets ${one.what} right thanks to an open file, and not without it`, async () => {
      const without = await suggest(one, false);
      const aided = await suggest(one, true);
      console.log(`      without: ${JSON.stringify(without)}\n      with:    ${JSON.stringify(aided)}`);
      assert.doesNotMatch(without, one.right);
      assert.match(aided, one.right);
    });
  }
});
