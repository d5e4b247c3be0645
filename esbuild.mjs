/**
 * Bundles the four programs separately: extension host, engine worker, native probe and (with --tests) the tests.
 * `onnxruntime-node` stays outside the bundles: it loads its native library by a path beside its own files.
 *
 * usage: node esbuild.mjs [--tests] [--watch]
 */
import { build, context } from 'esbuild';
import { globSync } from './scripts/lib/glob.mjs';

const watch = process.argv.includes('--watch');
const tests = process.argv.includes('--tests');

/** @type {import('esbuild').BuildOptions} */
const node = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  external: ['vscode', 'onnxruntime-node', 'playwright-core', 'mocha'],
  loader: { '.proto': 'text' },
  logLevel: 'warning',
};

const programs = [
  { ...node, entryPoints: { extension: 'src/extension/extension.ts' }, outdir: 'dist', minify: true },
  { ...node, entryPoints: { worker: 'src/inference/worker/workerMain.ts' }, outdir: 'dist', minify: true },
  { ...node, entryPoints: { nativeProbe: 'src/inference/worker/nativeProbeMain.ts' }, outdir: 'dist' },
];
if (tests) {
  programs.push({
    ...node,
    entryPoints: globSync(['test/unit', 'test/integration', 'test/e2e', 'test/bench'], '.ts'),
    outdir: 'out/test',
    outbase: 'test',
  });
}

for (const program of programs) {
  if (watch) await (await context(program)).watch();
  else await build(program);
}
