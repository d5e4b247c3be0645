/**
 * Packages the extension, one VSIX per platform with that platform's native library only.
 *
 * usage: node scripts/package.mjs [--target TARGET|all] [--install]
 *   --target   default: this machine's platform
 *   --install  installs this machine's VSIX into the VS Code that the command `code` starts
 */
import { readArguments } from './lib/arguments.mjs';
import { findProgram, runVisibly } from './lib/command.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ProvisionError, runMain } from './lib/provisionError.mjs';
import { buildVsix } from './lib/vsix/buildVsix.mjs';
import { chooseTargets, hostTarget } from './lib/vsix/targets.mjs';

await runMain(async () => {
  const { target, install } = readArguments(process.argv.slice(2), {
    values: ['target'],
    flags: ['install'],
  });
  const targets = chooseTargets(target);
  if (install && !targets.includes(hostTarget())) {
    throw new ProvisionError(`--install needs the VSIX for ${hostTarget()}.`, 'Leave out --target.');
  }
  if (install) requireVsCode();
  await ensureDependencies();
  for (const name of targets) {
    const vsix = await buildVsix(name);
    if (install && name === hostTarget()) return installInto(vsix);
  }
  return 0;
});

function requireVsCode() {
  if (findProgram(['code']) !== undefined) return;
  throw new ProvisionError(
    'There is no command `code` here.',
    'In VS Code run "Shell Command: Install \'code\' command in PATH", or choose the VSIX by "Extensions: Install from VSIX…".',
  );
}

function installInto(vsix) {
  const shell = process.platform === 'win32';
  // A shell would take a path with blanks apart.
  return runVisibly('code', ['--install-extension', shell ? `"${vsix}"` : vsix, '--force'], { shell });
}
