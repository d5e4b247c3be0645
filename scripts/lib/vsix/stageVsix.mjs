import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkout, inCheckout } from '../checkout.mjs';
import { runQuietly } from '../command.mjs';
import { globSync } from '../glob.mjs';
import { NATIVE_FOLDER, TARGETS, nativeFiles } from './targets.mjs';
import { thirdPartyNotices } from './thirdPartyNotices.mjs';

/** Documents that the marketplace and the editor show. */
const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'LICENSE'];
/** What only development reads; the code is bundled, so there is nothing to install. */
const NOT_SHIPPED = ['private', 'scripts', 'dependencies', 'devDependencies', 'files'];

/**
 * Lays out in a folder what a VSIX for one platform holds.
 * @param {string} target
 * @param {string} folder emptied first
 * @returns {Promise<void>}
 */
export async function stageVsix(target, folder) {
  rmSync(folder, { recursive: true, force: true });
  const dist = join(folder, 'dist');
  mkdirSync(dist, { recursive: true });
  await runQuietly(process.execPath, [inCheckout('esbuild.mjs'), '--production', `--outdir=${dist}`], {
    cwd: checkout,
    label: 'bundling for the VSIX',
  });
  const inputs = bundledInputs(join(dist, 'meta'));
  rmSync(join(dist, 'meta'), { recursive: true });
  copyOnnxRuntime(target, join(dist, 'node_modules'));
  writeFileSync(
    join(dist, 'THIRD_PARTY_NOTICES.txt'),
    thirdPartyNotices(inputs, ['onnxruntime-node', 'onnxruntime-common']),
  );
  writeManifest(folder);
  // Everything staged is shipped; without this file vsce advises to write one.
  writeFileSync(join(folder, '.vscodeignore'), '');
  for (const name of DOCUMENTS.filter((name) => existsSync(inCheckout(name)))) {
    cpSync(inCheckout(name), join(folder, name));
  }
  // The page of the chat view is bundled; of the folder only the pictures are shipped as they are.
  for (const name of readdirSync(inCheckout('media')).filter((name) => /\.(png|svg)$/.test(name))) {
    cpSync(inCheckout('media', name), join(folder, 'media', name));
  }
}

function bundledInputs(folder) {
  return readdirSync(folder).flatMap((name) =>
    Object.keys(JSON.parse(readFileSync(join(folder, name), 'utf8')).inputs),
  );
}

/** What `require('onnxruntime-node')` reads at run time: its loader, the common part, this platform's library. */
function copyOnnxRuntime(target, modules) {
  const copy = (name, path) =>
    cpSync(inCheckout('node_modules', name, path), join(modules, name, path), { recursive: true });
  const scripts = (name, folder) =>
    globSync([inCheckout('node_modules', name, folder)], '.js').map((path) => join(folder, basename(path)));

  copyManifest('onnxruntime-node', modules);
  for (const path of scripts('onnxruntime-node', 'dist')) copy('onnxruntime-node', path);
  for (const path of nativeFiles(target)) {
    copy('onnxruntime-node', join(NATIVE_FOLDER, TARGETS[target].folder, basename(path)));
  }
  copyManifest('onnxruntime-common', modules);
  copy('onnxruntime-common', join('dist', 'cjs', 'package.json'));
  for (const path of scripts('onnxruntime-common', join('dist', 'cjs'))) copy('onnxruntime-common', path);
}

/** Without scripts and dependencies, which concern its installation only. */
function copyManifest(name, modules) {
  const { version, license, type, main, exports } = JSON.parse(
    readFileSync(inCheckout('node_modules', name, 'package.json'), 'utf8'),
  );
  mkdirSync(join(modules, name), { recursive: true });
  writeFileSync(
    join(modules, name, 'package.json'),
    JSON.stringify({ name, version, license, type, main, exports }, null, 2),
  );
}

function writeManifest(folder) {
  const manifest = JSON.parse(readFileSync(inCheckout('package.json'), 'utf8'));
  for (const key of NOT_SHIPPED) delete manifest[key];
  manifest.engines = { vscode: manifest.engines.vscode };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
