/** Chat with the real model in the real extension host. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { QwenCoderTestApi } from '../../src/extension/extension';
import { activate, OpenDocument, trigger, until } from './support';

describe('chat', () => {
  let api: QwenCoderTestApi;
  let file: OpenDocument | undefined;

  before(async () => void (api = await activate()));
  afterEach(async () => {
    await file?.close();
    file = undefined;
  });

  const lastTurn = () => api.conversation().turns.at(-1);

  it('answers, and evaluates only what is new of a further question', async () => {
    await api.ask('Say the word marmalade and nothing else.');
    assert.equal(lastTurn()?.state, 'done', JSON.stringify(lastTurn()));
    assert.match(lastTurn()?.answer ?? '', /marmalade/i);
    await api.ask('Now say the word porridge and nothing else.');
    const stats = lastTurn()?.stats;
    assert.ok(stats !== undefined && stats.cachedTokens > stats.promptTokens / 2, JSON.stringify(stats));
  });

  it('lets a suggestion come in the middle of an answer, and then goes on', async () => {
    file = await OpenDocument.open('add.py', 'def add(a, b):\n    return ');
    await trigger(api);
    const asked = api.ask('Write a long story about a lighthouse, in many sentences.');
    await until('writing', () => (lastTurn()?.state === 'writing' ? true : undefined), 30_000);
    const before = lastTurn()?.answer.length ?? 0;
    await file.replaceAll('def multiply(a, b):\n    return ');
    const outcome = await trigger(api);
    assert.ok(outcome.kind === 'suggestion', JSON.stringify(outcome));
    assert.equal(lastTurn()?.state, 'writing', 'the answer had ended before the suggestion came');
    await asked;
    assert.equal(lastTurn()?.state, 'done');
    assert.ok((lastTurn()?.answer.length ?? 0) > before);
  });

  it('is offered to other extensions where the editor has models', async function () {
    if (!('registerLanguageModelChatProvider' in vscode.lm)) this.skip();
    const [model] = await vscode.lm.selectChatModels({ vendor: 'qwen-coder-local' });
    assert.ok(model, 'no model was found');
    assert.match(model.name, /Qwen2\.5-Coder 0\.5B/);
    assert.ok((await model.countTokens('def total(values):')) > 3);
    const message = vscode.LanguageModelChatMessage.User('Say the word marmalade and nothing else.');
    const { token } = new vscode.CancellationTokenSource();
    const response = await model.sendRequest([message], {}, token);
    let text = '';
    for await (const piece of response.text) text += piece;
    assert.match(text, /marmalade/i);
  });
});
