/**
 * Bundles the programs separately: extension host, engine worker, native probe, command line, the chat view's page with
 * its style, the style of the statistics page, and (with --tests) the tests. `onnxruntime-node` stays outside the bundles: it loads its native library by
 * a path beside its own files. Grammars are files beside the bundles, read when a language is first met.
 *
 * usage: node esbuild.mjs [--tests] [--watch] [--production] [--outdir=DIR]
 *   --production  no source maps; writes what was bundled to DIR/meta/NAME.json
 *   --outdir=DIR  default: dist
 */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, context } from 'esbuild';
import { globSync } from './scripts/lib/glob.mjs';

const flags = process.argv.slice(2);
const watch = flags.includes('--watch');
const tests = flags.includes('--tests');
const production = flags.includes('--production');
const outdir = flags.find((flag) => flag.startsWith('--outdir='))?.slice('--outdir='.length) ?? 'dist';

/** @type {import('esbuild').BuildOptions} */
const node = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: !production,
  sourcesContent: false,
  legalComments: 'none',
  external: ['vscode', 'onnxruntime-node', 'playwright-core', 'mocha', 'eslint', '@vscode/vsce'],
  // Its main file is a module for browsers, which bundlers cannot look into.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  loader: { '.proto': 'text', '.py': 'text' },
  logLevel: 'warning',
  metafile: production,
};
/** @type {import('esbuild').BuildOptions} */
const browser = { ...node, platform: 'browser', target: 'es2022', format: 'iife', external: [] };

const programs = [
  { ...node, entryPoints: { extension: 'src/extension/extension.ts' }, outdir, minify: true },
  { ...node, entryPoints: { worker: 'src/inference/worker/workerMain.ts' }, outdir, minify: true },
  { ...node, entryPoints: { nativeProbe: 'src/inference/worker/nativeProbeMain.ts' }, outdir },
  { ...node, entryPoints: { cli: 'src/cli/cliMain.ts' }, outdir, minify: true },
  { ...browser, entryPoints: { chat: 'media/chat/main.ts' }, outdir, minify: true },
  { ...browser, entryPoints: { chatStyle: 'media/chat/chat.css' }, outdir, minify: true },
  { ...browser, entryPoints: { statisticsStyle: 'media/statistics/statistics.css' }, outdir, minify: true },
];
if (tests) {
  programs.push({
    ...node,
    entryPoints: globSync(
      [
        'test/unit',
        'test/model',
        'test/runners',
        'test/integration',
        'test/e2e',
        'test/bench',
        'test/support',
        'test/fuzz',
        'test/soak',
      ],
      '.ts',
    ).filter((path) => !path.endsWith('.d.ts')),
    outdir: 'out/test',
    outbase: 'test',
  });
}

copyGrammars(join(outdir, 'grammars'));
for (const program of programs) {
  if (watch) {
    await (await context(program)).watch();
    continue;
  }
  const { metafile } = await build(program);
  if (!production || program.outdir !== outdir) continue;
  mkdirSync(join(outdir, 'meta'), { recursive: true });
  writeFileSync(
    join(outdir, 'meta', `${Object.keys(program.entryPoints)[0]}.json`),
    JSON.stringify(metafile),
  );
}

/** The grammars of the languages that `src/assist/syntax/grammars.ts` names, and the module that runs them. */
function copyGrammars(folder) {
  const from = join('node_modules', '@vscode', 'tree-sitter-wasm', 'wasm');
  const unused = ['tree-sitter-ini.wasm', 'tree-sitter-regex.wasm'];
  for (const name of readdirSync(from).filter((file) => file.endsWith('.wasm') && !unused.includes(file))) {
    cpSync(join(from, name), join(folder, name));
  }
}
