/**
 * Packages the extension, one VSIX per platform with that platform's native library only.
 *
 * usage: node scripts/package.mjs [--target TARGET|all]   (default: this machine's platform)
 */
import { readArguments } from './lib/arguments.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { runMain } from './lib/provisionError.mjs';
import { buildVsix } from './lib/vsix/buildVsix.mjs';
import { chooseTargets } from './lib/vsix/targets.mjs';

await runMain(async () => {
  const targets = chooseTargets(readArguments(process.argv.slice(2), { values: ['target'] }).target);
  await ensureDependencies();
  for (const target of targets) await buildVsix(target);
});
