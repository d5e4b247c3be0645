import assert from 'node:assert/strict';
import { otherProviders } from '../../../src/extension/knownProviders';

describe('otherProviders', () => {
  it('finds those that run, each once, whatever the case of their names', () => {
    const running = ['vscode.git', 'GitHub.copilot', 'GitHub.copilot-chat', 'TabbyML.vscode-tabby'];
    assert.deepEqual(
      otherProviders(running).map(({ name }) => name),
      ['GitHub Copilot', 'Tabby'],
    );
    assert.equal(otherProviders(running)[0]?.setting, 'github.copilot.enable');
  });

  it('finds none among others, and not this extension', () => {
    assert.deepEqual(otherProviders(['vscode.git', 'qwen-coder-local.qwen-coder-local']), []);
  });
});
