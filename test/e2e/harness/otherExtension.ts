/** Another extension that suggests code, made on the spot: one that is known by its identifier. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';

/** What it suggests, everywhere. */
export const OTHER_TEXT = 'other_suggestion()';

const SOURCE = `const vscode = require('vscode');
exports.activate = (context) => {
  const provider = { provideInlineCompletionItems: () => [new vscode.InlineCompletionItem(${JSON.stringify(OTHER_TEXT)})] };
  context.subscriptions.push(vscode.languages.registerInlineCompletionItemProvider({ pattern: '**' }, provider));
};
`;

export interface OtherExtension {
  readonly vsix: string;
  remove(): void;
}

/** @param id publisher and name */
export async function makeOtherExtension(id: string): Promise<OtherExtension> {
  const folder = mkdtempSync(join(tmpdir(), 'qwen-coder-other-'));
  const [publisher, name] = id.split('.');
  const manifest = {
    ...{ publisher, name, version: '1.0.0', engines: { vscode: '^1.80.0' }, license: 'MIT' },
    ...{ main: './extension.js', activationEvents: ['onStartupFinished'], contributes: {} },
    repository: 'https://example.org/other',
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'extension.js'), SOURCE);
  writeFileSync(join(folder, 'README.md'), '# Other\n');
  writeFileSync(join(folder, 'LICENSE'), 'MIT\n');
  const vsix = join(folder, 'other.vsix');
  await createVSIX({ cwd: folder, packagePath: vsix, dependencies: false });
  return { vsix, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
