/** How much is suggested, and what comes after a suggestion has been accepted. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { QwenCoderTestApi } from '../../src/extension/extension';
import { activateWarm, OpenDocument, outcomeAfter, trigger, until } from './support';

const ANSWER_LIMIT_MS = 30_000;

describe('how much is suggested', () => {
  let api: QwenCoderTestApi;
  let file: OpenDocument | undefined;

  before(async () => {
    api = await activateWarm();
  });
  afterEach(async () => {
    await file?.close();
    file = undefined;
  });

  const asked = async (command: string): Promise<string> => {
    const before = api.lastOutcome();
    await vscode.commands.executeCommand(command);
    const outcome = await outcomeAfter(api, before);
    assert.ok(outcome.kind === 'suggestion', JSON.stringify(outcome));
    return outcome.text;
  };

  it('is a line, a block or more, as asked for', async () => {
    file = await OpenDocument.open(
      'shapes.py',
      'import math\n\n\nclass Circle:\n    def __init__(self, radius):\n        self.radius = radius\n\n    ',
    );
    const line = await asked('qwenCoder.suggestLine');
    assert.ok(!line.includes('\n') && line.startsWith('def '), line);
    const block = await asked('qwenCoder.suggestBlock');
    assert.ok(block.startsWith(line) && /\n {8}\S/.test(block), block);
    const more = await asked('qwenCoder.suggestMore');
    assert.ok(more.startsWith(block) && more.length > block.length, more);
  });

  it('is the rest of the statement behind the beginning of a line', async () => {
    file = await OpenDocument.open('cart.ts', 'export function total(prices: number[]): number {\n  return ');
    const outcome = await trigger(api);
    assert.ok(
      outcome.kind === 'suggestion' && /^prices\.reduce\(/.test(outcome.text),
      JSON.stringify(outcome),
    );
    assert.ok(!outcome.text.includes('\n'), outcome.text);
  });

  it('has others beside it when it is asked for once more', async () => {
    const before = 'import os\n\n\ndef names(folder):\n    return ';
    file = await OpenDocument.open('names.py', before);
    const first = await trigger(api);
    assert.ok(first.kind === 'suggestion');
    const again = await trigger(api);
    assert.deepEqual(again.kind === 'suggestion' && again.text, first.text);
    await vscode.commands.executeCommand('editor.action.inlineSuggest.showNext');
    await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    const taken = file.text.slice(before.length);
    assert.ok(taken.trim() !== '' && taken !== first.text, `${taken} after ${first.text}`);
    await vscode.commands.executeCommand('undo');
    assert.equal(file.text, before, 'one undo takes back exactly it');
  });

  it('goes on after an accepted suggestion, without a key', async () => {
    file = await OpenDocument.open('steps.py', 'def steps():\n    first = 1\n    second = 2\n    third = ');
    await trigger(api);
    const { log } = api.insight;
    const before = log.requests.at(-1)?.number ?? 0;
    await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    const next = await until(
      'a request after the accept',
      () => log.requests.find(({ number, answer }) => number > before && !isInterruption(answer)),
      ANSWER_LIMIT_MS,
      () => log.requests.slice(-3),
    );
    assert.equal(next.trigger, 'automatic');
    assert.match(file.text, /third = \d/);
  });
});

const isInterruption = (answer: { readonly kind: string; readonly reason?: string }): boolean =>
  answer.kind === 'none' && (answer.reason === 'superseded' || answer.reason === 'cancelled');
