import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the suite in the extension host', () => {
  it('runs in an editor that is at least as new as the extension asks for', () => {
    const [major = 0, minor = 0] = vscode.version.split('.').map(Number);
    assert.ok(major > 1 || (major === 1 && minor >= 90), vscode.version);
  });

  it('finds the extension of this checkout, without proposed APIs', () => {
    const extension = vscode.extensions.getExtension('qwen-coder-local.qwen-coder-local');
    assert.ok(extension, 'the extension is not there');
    assert.equal(extension.extensionPath, process.env['QWEN_CODER_CHECKOUT']);
    const manifest = extension.packageJSON as Readonly<Record<string, unknown>>;
    assert.deepEqual(manifest['enabledApiProposals'] ?? [], []);
  });

  it('opens the workspace that was prepared for it', () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    assert.match(folder.uri.fsPath, /qwen-coder-workspace-/);
  });
});
