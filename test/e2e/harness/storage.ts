/** A folder of large files for one test file, in place of the one that all share. */
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readSync } from 'node:fs';
import { rmSync, symlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_MODEL, modelFile } from '../../../src/inference/store/catalogue';
import { convertedDir, modelsDir } from '../../../src/inference/store/paths';
import { sharedConvertedDir } from '../../support/sharedStorage';

export interface TestStorage {
  /** For the variable `QWEN_CODER_HOME`. */
  readonly folder: string;
  /** Where the weights belong. */
  readonly weights: string;
  /** Names of all that lies beside the weights, and of these. */
  modelFiles(): string[];
  remove(): void;
}

/**
 * Without the memory of weights that were checked. What has been converted already is shared, since converting takes
 * long.
 *
 * @param sharedWeights path of weights to have in it; none by default
 */
export function makeStorage(sharedWeights?: string): TestStorage {
  const folder = mkdtempSync(join(tmpdir(), 'qwen-coder-home-'));
  const shared = sharedConvertedDir();
  const own = convertedDir(folder);
  mkdirSync(own);
  const converted = existsSync(shared) ? readdirSync(shared) : [];
  for (const name of converted.filter((entry) => entry.startsWith(DEFAULT_MODEL.sha256))) {
    symlinkSync(join(shared, name), join(own, name), 'dir');
  }
  const models = modelsDir(folder);
  const weights = modelFile(models, DEFAULT_MODEL);
  if (sharedWeights !== undefined) {
    mkdirSync(models);
    symlinkSync(sharedWeights, weights);
  }
  return {
    folder,
    weights,
    modelFiles: () => (existsSync(models) ? readdirSync(models) : []),
    // The links go, not what they lead to.
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Changes one bit of a file. @param position offset in bytes */
export function flipBit(path: string, position: number): void {
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, position);
  writeSync(file, Buffer.of((byte[0] ?? 0) ^ 1), 0, 1, position);
  closeSync(file);
}
