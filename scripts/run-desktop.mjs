/**
 * Runs the suite of the extension host in desktop VS Code, which is downloaded on first use.
 *
 * usage: node scripts/run-desktop.mjs [--grep TEXT] [--vscode VERSION]   (default: stable)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { checkout, inCheckout } from './lib/checkout.mjs';
import { ensureBuild } from './lib/ensureBuild.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureWeights } from './lib/ensureWeights.mjs';
import { ProvisionError, runMain } from './lib/provisionError.mjs';
import { collectSuite, summaryLine } from './lib/suiteResult.mjs';
import { testEnvironment } from './lib/testEnvironment.mjs';

await runMain(async () => {
  const { grep, vscode = 'stable' } = readArguments(process.argv.slice(2), { values: ['grep', 'vscode'] });
  await ensureDependencies();
  const program = await download(vscode);
  await ensureBuild({ tests: true });
  await ensureWeights();
  const result = await collectSuite((file) => runInDesktop(program, testEnvironment(file, grep)));
  if (result.problem) console.error(`The suite ${result.problem}.`);
  console.log(summaryLine(result));
  return result.failed === 0 ? 0 : 1;
});

async function download(version) {
  const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  try {
    return await downloadAndUnzipVSCode({ version, cachePath: inCheckout('.vscode-test') });
  } catch (error) {
    throw new ProvisionError(
      `VS Code ${version} cannot be downloaded: ${error instanceof Error ? error.message : error}`,
      'Run the same suite in the editor host instead: npm run test:integration',
    );
  }
}

async function runInDesktop(vscodeExecutablePath, extensionTestsEnv) {
  const { TestRunFailedError, runTests } = await import('@vscode/test-electron');
  const workspace = mkdtempSync(join(tmpdir(), 'qwen-coder-workspace-'));
  try {
    return await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: checkout,
      extensionTestsPath: inCheckout('out', 'test', 'integration', 'index.js'),
      extensionTestsEnv,
      launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust', '--skip-welcome'],
    });
  } catch (error) {
    if (error instanceof TestRunFailedError) return error.code ?? 1;
    throw error;
  } finally {
    rmSync(workspace, { recursive: true, force: true, maxRetries: 5 });
  }
}
