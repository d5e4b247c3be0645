import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from '../glob.mjs';
import { ProvisionError } from '../provisionError.mjs';
import { NATIVE_FOLDER, TARGETS } from './targets.mjs';
import { zipEntries } from './zipEntries.mjs';

/** What a person downloads at each update; the native library alone compresses to about 17 MB on linux-x64. */
const LIMIT_BYTES = 25_000_000;
const FORBIDDEN = [
  [/\.map$/, 'a source map'],
  [/\.tsx?$/, 'TypeScript source'],
  [/(^|\/)(test|tests|src|scripts|out)\//, 'a development file'],
  [/\.(gguf|safetensors)$/, 'model weights'],
];
/** By the names that vsce gives them. */
const NEEDED = [
  'package.json',
  'readme.md',
  'changelog.md',
  'LICENSE.txt',
  'dist/extension.js',
  'dist/worker.js',
  'dist/nativeProbe.js',
  'dist/cli.js',
  'dist/chat.js',
  'dist/chatStyle.css',
  'dist/statisticsStyle.css',
  'media/chat.svg',
  'dist/grammars/tree-sitter.wasm',
  'dist/grammars/tree-sitter-python.wasm',
  'dist/THIRD_PARTY_NOTICES.txt',
];
const NATIVE = /\.(node|so(\.\d+)*|dylib|dll)$/;

/**
 * Checks the finished VSIX against what was promised about it.
 * @param {string} vsix
 * @param {string} target
 * @param {string} staged the folder it was made from
 * @throws {ProvisionError} that lists every broken promise
 */
export function checkVsix(vsix, target, staged) {
  const names = zipEntries(vsix).map((name) => name.replace(/^extension\//, ''));
  const problems = [...sizeProblems(vsix), ...nameProblems(names), ...nativeProblems(names, target)];
  const manifest = JSON.parse(readFileSync(join(staged, 'package.json'), 'utf8'));
  if (manifest.enabledApiProposals !== undefined) problems.push('the manifest enables proposed APIs');
  for (const needed of NEEDED) if (!names.includes(needed)) problems.push(`${needed} is missing`);
  for (const path of globSync([join(staged, 'dist')], '.js')) {
    if (path.includes('node_modules')) continue;
    if (readFileSync(path, 'utf8').includes('sourceMappingURL=')) problems.push(`${path} names a source map`);
  }
  if (problems.length > 0) throw new ProvisionError(`${vsix} is not fit: ${problems.join('; ')}.`);
}

function sizeProblems(vsix) {
  const { size } = statSync(vsix);
  return size <= LIMIT_BYTES ? [] : [`${(size / 1e6).toFixed(1)} MB are over ${LIMIT_BYTES / 1e6} MB`];
}

function nameProblems(names) {
  return names.flatMap((name) =>
    FORBIDDEN.filter(([pattern]) => pattern.test(name)).map(([, what]) => `${name} is ${what}`),
  );
}

function nativeProblems(names, target) {
  const { folder, files } = TARGETS[target];
  const expected = files.map(
    (file) => `dist/node_modules/onnxruntime-node/${NATIVE_FOLDER}/${folder}/${file}`,
  );
  const found = names.filter((name) => NATIVE.test(name));
  return [
    ...expected.filter((name) => !found.includes(name)).map((name) => `${name} is missing`),
    ...found.filter((name) => !expected.includes(name)).map((name) => `${name} does not belong to ${target}`),
  ];
}
