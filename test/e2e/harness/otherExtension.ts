/** Another extension that suggests code, made on the spot: one that is known by its identifier. */
import { createVSIX } from '@vscode/vsce';
import { makeWorkspace } from './editor';

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
  const [publisher, name] = id.split('.');
  const manifest = {
    ...{ publisher, name, version: '1.0.0', engines: { vscode: '^1.80.0' }, license: 'MIT' },
    ...{ main: './extension.js', activationEvents: ['onStartupFinished'], contributes: {} },
    repository: 'https://example.org/other',
  };
  const workspace = makeWorkspace({
    'package.json': JSON.stringify(manifest),
    'extension.js': SOURCE,
    'README.md': '# Other\n',
    LICENSE: 'MIT\n',
  });
  const vsix = workspace.path('other.vsix');
  await createVSIX({ cwd: workspace.folder, packagePath: vsix, dependencies: false });
  return { vsix, remove: () => workspace.remove() };
}
