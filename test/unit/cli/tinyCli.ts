/** The bundled command line with a tiny model and a folder of its own, beside an engine that tells what to expect. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Engine } from '../../../src/inference/engine';
import { createWorkerEngine } from '../../../src/inference/worker/workerEngine';
import { runCli, type CliOptions, type CliRun } from '../../support/cliProcess';
import { temporaryFolder, TINY_TIED } from '../../support/tinyModel';

export interface TinyCli {
  /** The same model with the same options as `tiny` names. */
  readonly engine: Engine;
  run(words: readonly string[], options?: CliOptions): Promise<CliRun>;
  path(name: string): string;
  /** Writes a file. @returns its path */
  file(name: string, content: string | Buffer): Promise<string>;
  dispose(): Promise<void>;
}

/** Options for the tiny model. */
export const TINY = ['--model', TINY_TIED, '--variant', 'exact', '--threads', '1'];

export async function openTinyCli(): Promise<TinyCli> {
  const folder = await temporaryFolder();
  const path = (name: string): string => join(folder.path, name);
  const engine = createWorkerEngine({
    workerFile: resolve('dist/worker.js'),
    probeFile: resolve('dist/nativeProbe.js'),
    load: {
      modelPath: TINY_TIED,
      cacheDir: path('converted'),
      contextTokens: 2048,
      threads: 1,
      variant: 'exact',
    },
  });
  return {
    engine,
    path,
    run: (words, options = {}) =>
      runCli(words, { ...options, env: { QWEN_CODER_HOME: folder.path, ...options.env } }),
    file: async (name, content) => {
      await writeFile(path(name), content);
      return path(name);
    },
    dispose: async () => {
      await engine.dispose();
      await folder.remove();
    },
  };
}

/** Sends a signal once these words are on standard error. */
export const signalAt =
  (words: string, signal: NodeJS.Signals): NonNullable<CliOptions['during']> =>
  (child) =>
    new Promise((done) => {
      let seen = '';
      const onText = (text: string): void => {
        seen += text;
        if (!seen.includes(words)) return;
        child.stderr.off('data', onText);
        child.kill(signal);
        done();
      };
      child.stderr.on('data', onText);
      child.once('close', () => done());
    });
