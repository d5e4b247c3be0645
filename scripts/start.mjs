/**
 * Shows the extension at work: packages it, installs it in an editor of its own (code-server on this machine only),
 * fetches the weights, and opens a small workspace. Runs until Ctrl+C.
 *
 * usage: node scripts/start.mjs [--no-open] [--smoke]
 *   --no-open  print the address, but open no browser
 *   --smoke    end with exit code 0 as soon as the editor answers and delivers its page
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { cacheRoot } from './lib/cacheRoot.mjs';
import { inCheckout } from './lib/checkout.mjs';
import { findProgram } from './lib/command.mjs';
import { editorUrl, remoteUri, startEditorServer } from './lib/editorServer.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureEditorHost } from './lib/ensureEditorHost.mjs';
import { ensureWeights } from './lib/ensureWeights.mjs';
import { withLock } from './lib/lock.mjs';
import { freePort } from './lib/loopback.mjs';
import { openInBrowser } from './lib/openInBrowser.mjs';
import { ProvisionError, runMain } from './lib/provisionError.mjs';
import { buildVsix } from './lib/vsix/buildVsix.mjs';
import { chooseTargets } from './lib/vsix/targets.mjs';

const PREFERRED_PORT = 8765;
const FIRST_FILE = 'shapes.py';

await runMain(async () => {
  const flags = readArguments(process.argv.slice(2), { flags: ['no-open', 'smoke'] });
  const [target] = chooseTargets();
  await ensureDependencies();
  const vsix = await buildVsix(target);
  adviseDesktop(vsix);
  await ensureEditorHost();
  await ensureWeights();

  const profile = join(cacheRoot(), 'editor-profile');
  const workspace = prepareWorkspace(profile);
  const server = await startProfile(profile, vsix);
  const interrupted = untilInterrupted();
  try {
    const url = editorUrl(server, workspace, [['openFile', remoteUri(server, join(workspace, FIRST_FILE))]]);
    if (flags.smoke) return await smoke(url);
    console.log(
      `\nThe editor is open at\n  ${url}\nPut the cursor where a function begins, and type. Ctrl+C ends it.`,
    );
    if (!flags['no-open']) openInBrowser(url);
    const cause = await Promise.race([interrupted, server.exited]);
    if (cause === 'interrupted') return 0;
    console.error(`The editor ended by itself (exit code ${cause}).`);
    return 1;
  } finally {
    await server.stop();
    console.log('The editor is closed.');
  }
});

/** For the other way to use the VSIX: the person's own editor. */
function adviseDesktop(vsix) {
  if (findProgram(['code']) === undefined) return;
  console.log(`For VS Code itself: code --install-extension ${vsix}`);
}

/** The demo's files are copied once; what a person typed into them stays. */
function prepareWorkspace(profile) {
  const workspace = join(profile, 'demo');
  if (!existsSync(workspace)) cpSync(inCheckout('scripts', 'demo'), workspace, { recursive: true });
  return workspace;
}

/**
 * Starts the editor on its persistent profile. The extension is installed afresh when the VSIX has changed; the
 * profile is locked for that moment only.
 */
async function startProfile(profile, vsix) {
  const extensionsDir = join(profile, 'extensions');
  const stamp = join(profile, 'installed-vsix');
  const hash = createHash('sha256').update(readFileSync(vsix)).digest('hex');
  mkdirSync(profile, { recursive: true });
  return withLock(`${profile}.lock`, 'Editor profile', async () => {
    const fresh = !existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash;
    if (fresh) {
      rmSync(stamp, { force: true });
      rmSync(extensionsDir, { recursive: true, force: true });
    }
    const server = await startEditorServer({
      ...(fresh ? { vsix } : {}),
      port: await freePort(PREFERRED_PORT),
      userDataDir: join(profile, 'data'),
      extensionsDir,
      driver: false,
    });
    writeFileSync(stamp, hash);
    return server;
  });
}

/** @returns {Promise<'interrupted'>} resolves at Ctrl+C, or when a supervisor or the terminal ends us */
function untilInterrupted() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve('interrupted'));
  });
}

async function smoke(url) {
  const response = await fetch(url);
  const page = await response.text();
  if (response.status !== 200 || !page.includes('workbench.js')) {
    throw new ProvisionError(`The editor answered with status ${response.status} and no workbench.`);
  }
  console.log('Smoke test: the editor is up and delivers the workbench.');
  return 0;
}
